import { type ConnectorTaskId } from '../../src/connect/connector-task-id.ts'
import { type StatusStore, type StatusWriteMode, type StoredStatus } from '../../src/connect/storage/status-store.ts'
import { isSafeToPut, StatusTable } from '../../src/connect/storage/status-table.ts'

/** A status topic in memory: the program's own table and rules, without a broker. */
export class InMemoryStatusStore implements StatusStore {
  readonly #table = new StatusTable()

  start(): Promise<void> {
    return Promise.resolve()
  }

  putConnector(connector: string, status: StoredStatus, mode: StatusWriteMode): void {
    if (mode === 'safe' && !isSafeToPut(status, this.connector(connector))) return
    this.#table.take({ kind: 'connector', connector, status })
  }

  putTask(id: ConnectorTaskId, status: StoredStatus, mode: StatusWriteMode): void {
    if (mode === 'safe' && !isSafeToPut(status, this.task(id))) return
    this.#table.take({ kind: 'task', id, status })
  }

  deleteConnector(connector: string): void {
    this.#table.take({ kind: 'connector', connector, status: null })
  }

  deleteTask(id: ConnectorTaskId): void {
    this.#table.take({ kind: 'task', id, status: null })
  }

  putTopic(topic: string, { connector }: ConnectorTaskId): void {
    this.#table.take({ kind: 'topic', connector, topic, isActive: true })
  }

  deleteTopic(topic: string, connector: string): void {
    this.#table.take({ kind: 'topic', connector, topic, isActive: false })
  }

  connector(name: string): StoredStatus | undefined {
    return this.#table.connector(name)
  }

  task(id: ConnectorTaskId): StoredStatus | undefined {
    return this.#table.task(id)
  }

  tasks(connector: string): readonly (StoredStatus & { readonly id: ConnectorTaskId })[] {
    return this.#table.tasks(connector)
  }

  connectors(): readonly string[] {
    return this.#table.connectors()
  }

  topics(connector: string): readonly string[] {
    return this.#table.topics(connector)
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {
    // Nothing is open.
  }
}
