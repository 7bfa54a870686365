/** Settings of one task, as text: the form in which they are stored and compared for equality. */
export type TaskConfig = Readonly<Record<string, string>>

export interface ConnectorContext {
  /** The set of task configs may have changed: ask for them again. */
  requestTaskReconfiguration(): void
  /** The connector cannot go on: it is stopped and shown as failed. */
  raiseError(error: Error): void
}

export interface SourceConnector {
  start(context: ConnectorContext): Promise<void>
  /** At most `maxTasks` configs. The same state gives the same list in the same order. */
  taskConfigs(maxTasks: number): TaskConfig[]
  stop(): Promise<void>
}
