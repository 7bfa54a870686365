import { type CompactedLogOptions } from '../../client/compacted-log.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type StatusStore, type StatusWriteMode, type StoredStatus } from './status-store.ts'

export type KafkaStatusStoreOptions = Omit<CompactedLogOptions, 'onRecord' | 'isolation'>

export class KafkaStatusStore implements StatusStore {
  readonly #options: KafkaStatusStoreOptions

  constructor(options: KafkaStatusStoreOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putConnector(_connector: string, _status: StoredStatus, _mode: StatusWriteMode): void {
    throw this.#missing()
  }

  putTask(_id: ConnectorTaskId, _status: StoredStatus, _mode: StatusWriteMode): void {
    throw this.#missing()
  }

  deleteConnector(_connector: string): void {
    throw this.#missing()
  }

  deleteTask(_id: ConnectorTaskId): void {
    throw this.#missing()
  }

  putTopic(_topic: string, _id: ConnectorTaskId, _discoveredAtMs: number): void {
    throw this.#missing()
  }

  deleteTopic(_topic: string, _connector: string): void {
    throw this.#missing()
  }

  connector(_name: string): StoredStatus | undefined {
    throw this.#missing()
  }

  task(_id: ConnectorTaskId): StoredStatus | undefined {
    throw this.#missing()
  }

  tasks(_connector: string): readonly (StoredStatus & { readonly id: ConnectorTaskId })[] {
    throw this.#missing()
  }

  connectors(): readonly string[] {
    throw this.#missing()
  }

  topics(_connector: string): readonly string[] {
    throw this.#missing()
  }

  flush(_timeoutMs: number): Promise<void> {
    return Promise.reject(this.#missing())
  }

  close(): void {
    return undefined
  }

  #missing(): Error {
    return new Error(`${this.#options.topic} cannot be kept yet`)
  }
}
