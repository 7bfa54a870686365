/** Watches the tasks of MirrorSourceConnector come up, by the status topic that both programs write. */
import { silentLogger } from '../src/base/logger.ts'
import { type KafkaCluster } from '../src/client/kafka-cluster.ts'
import { LogReader, type LogRecord } from '../src/client/log-reader.ts'
import { connectLocal } from '../dev/local-client.ts'
import { type LocalCluster } from '../dev/local-kafka/local-cluster.ts'

/** `status.storage.partitions`, which the bench leaves at its default. */
const statusPartitions = 5
const taskKey = /^status-task-MirrorSourceConnector-\d+$/

export class TaskStatuses {
  readonly #cluster: KafkaCluster
  readonly #reader: LogReader
  readonly #closing = new AbortController()
  readonly #states = new Map<string, string>()
  readonly #topic: string
  readonly #sinceMs: number

  /** @param sinceMs wall clock; older statuses are those of the run before, and are left out */
  constructor(target: LocalCluster, sourceAlias: string, sinceMs: number) {
    this.#sinceMs = sinceMs
    this.#cluster = connectLocal(target.bootstrapServers)
    this.#topic = `mm2-status.${sourceAlias}.internal`
    this.#cluster.follow(this.#topic)
    this.#reader = new LogReader({
      cluster: this.#cluster,
      logger: silentLogger,
      topic: this.#topic,
      isolation: 'read_uncommitted',
      onRecord: (record) => {
        this.#take(record)
      }
    })
  }

  /** Tasks whose newest state is RUNNING; none while the topic does not exist. */
  async running(): Promise<number> {
    if ((this.#cluster.topic(this.#topic)?.partitions.length ?? 0) < statusPartitions) {
      this.#cluster.refreshSoon()
      return 0
    }
    await this.#reader.readToEnd(statusPartitions, this.#closing.signal)
    return [...this.#states.values()].filter((state) => state === 'RUNNING').length
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#cluster.close()
  }

  #take({ key, value, timestamp }: LogRecord): void {
    const name = key?.toString() ?? ''
    if (!taskKey.test(name) || value === null || timestamp < BigInt(this.#sinceMs)) return
    const status: unknown = JSON.parse(value.toString())
    if (typeof status === 'object' && status !== null && 'state' in status) this.#states.set(name, String(status.state))
  }
}
