/** Watches the tasks of MirrorSourceConnector come up, by the status topic that both programs write. */
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/logger.ts'
import { systemRandom } from '../src/base/random.ts'
import { connectCluster, type KafkaCluster } from '../src/client/kafka-cluster.ts'
import { LogReader, type LogRecord } from '../src/client/log-reader.ts'
import { clientSettings } from '../src/config/client-settings-builder.ts'
import { Findings } from '../src/config/findings.ts'
import { traced } from '../src/config/traced-properties.ts'
import { openConnection } from '../src/net/open-connection.ts'
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
    this.#cluster = connectCluster({
      alias: 'target',
      settings: settingsFor(target.bootstrapServers),
      openConnection,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger
    })
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

function settingsFor(bootstrapServers: string) {
  const findings = new Findings()
  const properties = traced([
    ['bootstrap.servers', bootstrapServers],
    // How late the news of a topic may be.
    ['retry.backoff.max.ms', '100']
  ])
  const settings = clientSettings({ properties, clientId: () => 'bench', findings, absent: (key) => key })
  if (settings === null) throw new Error(`the bench's own client: ${JSON.stringify(findings.problems)}`)
  return settings
}
