import { type ConnectorTaskId } from '../connector-task-id.ts'

export type RunState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'

/** State of a connector or task as the status topic keeps it (spec 2.4.1 and versions-connect S1). */
export interface StoredStatus {
  readonly state: RunState
  /** What went wrong; only with FAILED. */
  readonly trace: string | null
  readonly workerId: string
  /** Generation of the Connect group in which it was written. */
  readonly generation: number
  /** Version of the plug-in; null where unknown. */
  readonly version: string | null
}

/** `safe`: only where nothing newer of another worker is known (spec 2.4.3). */
export type StatusWriteMode = 'plain' | 'safe'

/**
 * The status topic (spec 2.4). Reads answer from memory; what is put shows once it has been read back. Puts never throw
 * and never wait: a status that cannot be written now is retried while it is still the newest one.
 */
export interface StatusStore {
  start(): Promise<void>
  putConnector(connector: string, status: StoredStatus, mode: StatusWriteMode): void
  putTask(id: ConnectorTaskId, status: StoredStatus, mode: StatusWriteMode): void
  /** Writes the tombstone that stands for DESTROYED. */
  deleteConnector(connector: string): void
  deleteTask(id: ConnectorTaskId): void
  /** Of no effect where the topic is known already. */
  putTopic(topic: string, id: ConnectorTaskId, discoveredAtMs: number): void
  deleteTopic(topic: string, connector: string): void
  connector(name: string): StoredStatus | undefined
  task(id: ConnectorTaskId): StoredStatus | undefined
  /** Sorted by task number. */
  tasks(connector: string): readonly (StoredStatus & { readonly id: ConnectorTaskId })[]
  /** Names of all that have a connector status. */
  connectors(): readonly string[]
  /** Active topics of a connector, sorted. */
  topics(connector: string): readonly string[]
  /** Resolves when everything put before is acknowledged, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>
  close(): void
}
