/** Load of every kind that translation has to get right: plain topics, transactions of which some are aborted, compacted topics. */
import { setTimeout as delay } from 'node:timers/promises'
import kafkajs, { type Message, type Producer, type RecordMetadata, type Transaction } from 'kafkajs'
import { type KafkaAddress } from '../../dev/local-kafka/topic-records.ts'
import { type IdentifiedRecord, identified } from './invariants.ts'
import { type SeededRandom } from './seeded-random.ts'

const { Kafka, logLevel } = kafkajs

export interface LoadedTopic {
  readonly topic: string
  readonly partitions: number
  /** `compacted`: few keys, which come again and again. */
  readonly kind: 'plain' | 'transactional' | 'compacted'
}

/** A record as the source cluster took it, even if it has compacted it away since. */
export interface SentRecord extends IdentifiedRecord {
  readonly topic: string
  readonly value: string
  /** Whether readers of committed records see it. */
  readonly isCommitted: boolean
}

const recordsPerSend = 10
const pauseMs = 15
const keysOfCompacted = 40
const firstTimestamp = 1_700_000_000_000

/** Producers of kafkajs in this process, one a topic, that send until they are stopped or the cluster is gone. */
export class MixedLoad {
  /** Of all loads of a test file, so that no two records are alike. */
  static #numbers = 0
  readonly #random: SeededRandom
  readonly #sent: SentRecord[] = []
  readonly #producers: Producer[] = []
  readonly #loops: Promise<unknown>[] = []
  #isEnding = false

  private constructor(random: SeededRandom) {
    this.#random = random
  }

  static async start(cluster: KafkaAddress, topics: readonly LoadedTopic[], random: SeededRandom): Promise<MixedLoad> {
    const load = new MixedLoad(random)
    for (const topic of topics) await load.#startTopic(cluster, topic)
    return load
  }

  /** Everything acknowledged so far, of all topics. */
  get sent(): readonly SentRecord[] {
    return this.#sent
  }

  /** Ends at once where the cluster has been killed: what it did not acknowledge is not known to be there. */
  async stop(): Promise<void> {
    this.#isEnding = true
    await Promise.allSettled(this.#loops)
    await Promise.allSettled(this.#producers.map((producer) => producer.disconnect()))
  }

  async #startTopic(cluster: KafkaAddress, loaded: LoadedTopic): Promise<void> {
    const { topic, kind } = loaded
    const kafka = new Kafka({
      brokers: cluster.bootstrapServers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 2, initialRetryTime: 100 }
    })
    const transactional = kind === 'transactional' ? { transactionalId: `load-${topic}`, maxInFlightRequests: 1 } : {}
    const producer = kafka.producer({ idempotent: true, ...transactional })
    await producer.connect()
    this.#producers.push(producer)
    const sendOnce =
      kind === 'transactional' ? () => this.#transaction(producer, loaded) : () => this.#send(producer, loaded)
    this.#loops.push(this.#repeat(sendOnce))
  }

  async #repeat(sendOnce: () => Promise<void>): Promise<void> {
    while (!this.#isEnding) {
      // Clusters are killed while the load flows: what was not acknowledged is not counted on.
      await sendOnce().catch(() => undefined)
      await delay(pauseMs)
    }
  }

  async #send(producer: Producer | Transaction, loaded: LoadedTopic): Promise<void> {
    this.#sent.push(...(await this.#sendRecords(producer, loaded)).map((record) => ({ ...record, isCommitted: true })))
  }

  /** One in four is aborted. */
  async #transaction(producer: Producer, loaded: LoadedTopic): Promise<void> {
    const transaction = await producer.transaction()
    const records = await this.#sendRecords(transaction, loaded).catch(async (error: unknown) => {
      // Left open it would refuse all that come after it.
      await transaction.abort()
      throw error
    })
    const isCommitted = this.#random.next() >= 0.25
    await (isCommitted ? transaction.commit() : transaction.abort())
    this.#sent.push(...records.map((record) => ({ ...record, isCommitted })))
  }

  async #sendRecords(
    producer: Producer | Transaction,
    { topic, partitions, kind }: LoadedTopic
  ): Promise<Omit<SentRecord, 'isCommitted'>[]> {
    const count = this.#random.between(1, recordsPerSend)
    const partition = this.#random.between(0, partitions - 1)
    const messages = Array.from({ length: count }, () => this.#message(partition, kind))
    const answers = await producer.send({ topic, messages, acks: -1 })
    const base = baseOffset(answers)
    return messages.map(({ key, value, timestamp }, index) => ({
      topic,
      value,
      ...identified({
        ...{ partition, offset: base + BigInt(index), timestamp: BigInt(timestamp), timestampType: 'CreateTime' },
        ...{ key: Buffer.from(key), value: Buffer.from(value), headers: [] }
      })
    }))
  }

  #message(partition: number, kind: LoadedTopic['kind']) {
    const number = MixedLoad.#numbers++
    const key = kind === 'compacted' ? `key-${this.#random.between(1, keysOfCompacted)}` : `key-${number}`
    const padding = 'x'.repeat((number * 37) % 100)
    return {
      partition,
      key,
      value: `${number}:${padding}`,
      timestamp: String(firstTimestamp + number)
    } satisfies Message
  }
}

function baseOffset(answers: readonly RecordMetadata[]): bigint {
  const base = answers[0]?.baseOffset
  if (answers.length !== 1 || base === undefined) throw new Error(`unexpected answer: ${JSON.stringify(answers)}`)
  return BigInt(base)
}
