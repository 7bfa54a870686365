/** What the internal topics of a route say, read with a consumer that nobody here wrote. */
import kafkajs from 'kafkajs'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { waitUntil } from './wait-until.ts'

const { Kafka, logLevel } = kafkajs

export interface TaskState {
  readonly task: number
  readonly state: string
  readonly workerId: string
  readonly generation: number
}

/** Follows the status topic of a route from its start; to be closed. */
export class StoredStates {
  readonly #values = new Map<string, string | null>()
  readonly #close: () => Promise<void>

  private constructor(close: () => Promise<void>) {
    this.#close = close
  }

  static async follow(cluster: LocalCluster, topic: string): Promise<StoredStates> {
    const brokers = cluster.bootstrapServers.split(',')
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } })
    const admin = kafka.admin()
    await admin.connect()
    await waitUntil(`${topic} exists`, async () => (await admin.listTopics()).includes(topic), { timeoutMs: 90_000 })
    await admin.disconnect()
    const consumer = kafka.consumer({ groupId: `follows-${topic}-${Date.now()}` })
    const states = new StoredStates(() => consumer.disconnect())
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: ({ message }) => {
        states.#values.set(String(message.key), message.value === null ? null : String(message.value))
        return Promise.resolve()
      }
    })
    return states
  }

  /** The newest state of each task of a connector that has one, by number. */
  tasks(connector: string): TaskState[] {
    const prefix = `status-task-${connector}-`
    const found: TaskState[] = []
    for (const [key, value] of this.#values) {
      if (!key.startsWith(prefix) || value === null) continue
      const { state, worker_id: workerId, generation } = JSON.parse(value) as StoredValue
      found.push({ task: Number(key.slice(prefix.length)), state, workerId, generation })
    }
    return found.toSorted((a, b) => a.task - b.task)
  }

  /** How many tasks each worker runs, most first. */
  spread(connector: string): number[] {
    const counts = new Map<string, number>()
    for (const { state, workerId } of this.tasks(connector)) {
      if (state === 'RUNNING') counts.set(workerId, (counts.get(workerId) ?? 0) + 1)
    }
    return [...counts.values()].toSorted((a, b) => b - a)
  }

  async spreads(connector: string, counts: readonly number[], timeoutMs = 60_000): Promise<void> {
    await waitUntil(
      `the tasks of ${connector} are spread ${counts.join('/')}`,
      () => {
        const spread = this.spread(connector)
        if (spread.join('/') !== counts.join('/')) throw new Error(`they are ${JSON.stringify(this.tasks(connector))}`)
        return true
      },
      { timeoutMs, intervalMs: 100 }
    )
  }

  async close(): Promise<void> {
    await this.#close()
  }
}

interface StoredValue {
  readonly state: string
  readonly worker_id: string
  readonly generation: number
}
