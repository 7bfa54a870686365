import { asError } from '../../base/errors.ts'
import { CompactedLog, type CompactedLogOptions } from '../../client/compacted-log.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type LogRecord } from '../../client/log-reader.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { reportSkipped } from './skipped-record.ts'
import {
  connectorStatusKey,
  parseStatusRecord,
  statusValue,
  taskStatusKey,
  topicStatusKey,
  topicValue
} from './status-records.ts'
import { type StatusStore, type StatusWriteMode, type StoredStatus } from './status-store.ts'
import { StatusTable, isSafeToPut } from './status-table.ts'
import { StatusWriter } from './status-writer.ts'

export type KafkaStatusStoreOptions = Omit<
  CompactedLogOptions,
  'onRecord' | 'maxPartitions' | 'isFollowed' | 'isolation'
>

const always = (): boolean => true

/** Connect's status topic, followed: statuses of all workers show here within a round trip. */
export class KafkaStatusStore implements StatusStore {
  readonly #options: KafkaStatusStoreOptions
  readonly #log: CompactedLog
  readonly #writer: StatusWriter
  readonly #table = new StatusTable()

  constructor(options: KafkaStatusStoreOptions) {
    this.#options = options
    this.#log = new CompactedLog({
      ...options,
      // Nobody writes statuses in transactions.
      isolation: 'read_uncommitted',
      isFollowed: true,
      onRecord: (record) => {
        this.#take(record)
      }
    })
    this.#writer = new StatusWriter({ ...options, log: this.#log })
  }

  async start(): Promise<void> {
    await this.#log.start()
  }

  putConnector(connector: string, status: StoredStatus, mode: StatusWriteMode): void {
    this.#putStatus(connectorStatusKey(connector), status, mode, () => this.#table.connector(connector))
  }

  putTask(id: ConnectorTaskId, status: StoredStatus, mode: StatusWriteMode): void {
    this.#putStatus(taskStatusKey(id), status, mode, () => this.#table.task(id))
  }

  deleteConnector(connector: string): void {
    this.#writer.put({ key: connectorStatusKey(connector), value: null, isStillWanted: always })
  }

  deleteTask(id: ConnectorTaskId): void {
    this.#writer.put({ key: taskStatusKey(id), value: null, isStillWanted: always })
  }

  putTopic(topic: string, id: ConnectorTaskId, discoveredAtMs: number): void {
    if (this.#table.hasTopic(id.connector, topic)) return
    const key = topicStatusKey(topic, id.connector)
    this.#writer.put({ key, value: topicValue(topic, id, discoveredAtMs), isStillWanted: always })
  }

  deleteTopic(topic: string, connector: string): void {
    this.#writer.put({ key: topicStatusKey(topic, connector), value: null, isStillWanted: always })
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

  async flush(timeoutMs: number): Promise<void> {
    const { clock, logger, topic } = this.#options
    const deadline = clock.monotonic() + timeoutMs
    try {
      await withinLimits(this.#writer.idle(), { clock, deadline, what: `Writing statuses to ${topic}` })
    } catch (thrown) {
      logger.warn(
        { topic, timeoutMs, err: asError(thrown) },
        `Statuses are not written to ${topic} yet; going on without`
      )
    }
  }

  /** Statuses that are not on their way yet are dropped. The producer is its owner's. */
  close(): void {
    this.#writer.close()
    this.#log.close()
  }

  #putStatus(key: string, status: StoredStatus, mode: StatusWriteMode, known: () => StoredStatus | undefined): void {
    const isSafe = (): boolean => isSafeToPut(status, known())
    if (mode === 'safe' && !isSafe()) return
    // After a wait even a plain write must not take the place of what a newer owner wrote meanwhile.
    this.#writer.put({ key, value: statusValue(status), isStillWanted: isSafe })
  }

  #take(record: LogRecord): void {
    const { logger, topic } = this.#options
    const parsed = record.key === null ? 'it has no key' : parseStatusRecord(record.key.toString(), record.value)
    if (typeof parsed === 'string') reportSkipped(logger, topic, record, parsed)
    else this.#table.take(parsed)
  }
}
