import { type Admin } from 'kafkajs'
import { type NewTopic } from './forwarding-admin.ts'
import { brokerAnswerOf, mirrorErrorOf, topicRefusalsOf } from './kafkajs-errors.ts'

interface WaitingTopic {
  readonly topic: NewTopic
  readonly resolve: (isNew: boolean) => void
  readonly reject: (error: Error) => void
}

/** Most partitions of one request, for a slow controller to answer in time. KRaft refuses one for more than 10,000. */
const mostPartitions = 500
/** How long a controller may take until a change is done. */
export const controllerTimeoutMs = 30_000

/** Topics to be created. What is asked for until a request is sent goes along with it, so that many take few requests. */
export class TopicCreations {
  readonly #alias: string
  #waiting: WaitingTopic[] = []

  /** @param alias the cluster, for messages */
  constructor(alias: string) {
    this.#alias = alias
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /**
   * Resolves to false when the topic was there. Where every topic of a request that was not created was there, kafkajs does
   * not tell which: then it is false for all of them.
   */
  async add(topic: NewTopic): Promise<boolean> {
    return await new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({ topic, resolve, reject })
    })
  }

  /** Sends until nothing waits. Never rejects: each topic has an outcome of its own. */
  async send(admin: Pick<Admin, 'createTopics'>): Promise<void> {
    while (!this.isEmpty) await this.#create(this.#take(), admin)
  }

  /** Gives up what waits. */
  reject(thrown: unknown): void {
    for (const { topic, reject } of this.#waiting.splice(0)) reject(mirrorErrorOf(thrown, this.#action(topic)))
  }

  /** The next request: at least one topic, and none twice, which kafkajs would refuse. */
  #take(): WaitingTopic[] {
    const names = new Set<string>()
    let partitions = 0
    const end = this.#waiting.findIndex(({ topic }) => {
      // The broker's default (-1) is not known here.
      const count = Math.max(1, topic.partitions)
      if (names.size > 0 && (names.has(topic.topic) || partitions + count > mostPartitions)) return true
      names.add(topic.topic)
      partitions += count
      return false
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #create(batch: readonly WaitingTopic[], admin: Pick<Admin, 'createTopics'>): Promise<void> {
    const topics = batch.map(({ topic: { topic, partitions, replicationFactor, configs } }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries(configs).map(([name, value]) => ({ name, value }))
    }))
    try {
      const isNew = await admin.createTopics({ topics, waitForLeaders: false, timeout: controllerTimeoutMs })
      for (const { resolve } of batch) resolve(isNew)
    } catch (thrown) {
      const refusals = topicRefusalsOf(thrown)
      for (const { topic, resolve, reject } of batch) {
        const refusal = refusals === null ? thrown : refusals.get(topic.topic)
        if (refusal === undefined) resolve(true)
        else if (brokerAnswerOf(refusal)?.type === 'TOPIC_ALREADY_EXISTS') resolve(false)
        else reject(mirrorErrorOf(refusal, this.#action(topic)))
      }
    }
  }

  #action({ topic }: NewTopic): string {
    return `${this.#alias}: create topic ${topic}`
  }
}
