/** A task of a connector. */
export interface ConnectorTaskId {
  readonly connector: string
  readonly task: number
}

/** `MirrorSourceConnector-0`: in log lines, client ids and as the key of maps. */
export function taskIdText({ connector, task }: ConnectorTaskId): string {
  return `${connector}-${String(task)}`
}
