/** Applications that read topics as members of a group and commit at random: those that fail over. */
import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import kafkajs, { type Consumer, type EachBatchPayload } from 'kafkajs'
import { spawnJavaProgram } from '../../dev/local-kafka/java-programs.ts'
import { type KafkaAddress } from '../../dev/local-kafka/topic-records.ts'
import { type SeededRandom } from './seeded-random.ts'
import { waitUntil, type WaitOptions } from './wait-until.ts'

const { Kafka, logLevel } = kafkajs

export interface ReadRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export interface ConsumerApplicationOptions {
  readonly group: string
  readonly topics: readonly string[]
  readonly random: SeededRandom
  /** Stops by itself then; by half of them it has committed something. Default: never. */
  readonly records?: number
}

/** What it has been handed, in order of arrival. Reads committed records only. */
export abstract class ConsumerApplication {
  readonly read: ReadRecord[] = []

  /** Ends without committing anything more. */
  abstract stop(): Promise<void>

  async reads(count: number, options: WaitOptions = {}): Promise<void> {
    await waitUntil(`${count} records are read`, () => this.read.length >= count, { timeoutMs: 60_000, ...options })
  }

  /** The first record of each partition that it was handed. */
  firstRead(): Map<string, bigint> {
    const first = new Map<string, bigint>()
    for (const { topic, partition, offset } of this.read) {
      const name = `${topic}-${partition}`
      if (!first.has(name)) first.set(name, offset)
    }
    return first
  }
}

class KafkajsApplication extends ConsumerApplication {
  readonly #consumer: Consumer
  readonly #options: ConsumerApplicationOptions
  #isEnding = false
  #hasCommitted = false

  constructor(consumer: Consumer, options: ConsumerApplicationOptions) {
    super()
    this.#consumer = consumer
    this.#options = options
  }

  async start(): Promise<void> {
    const { topics } = this.#options
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await this.#consumer.run({ autoCommit: false, eachBatch: (payload) => this.#take(payload) })
  }

  async stop(): Promise<void> {
    this.#isEnding = true
    await this.#consumer.disconnect().catch(() => undefined)
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const { topic, partition } = batch
    const { random, records = Number.POSITIVE_INFINITY } = this.#options
    for (const message of batch.messages) {
      if (!payload.isRunning() || this.#isEnding) return
      if (this.read.length >= records) {
        this.#consumer.pause([{ topic }])
        return
      }
      this.read.push({ topic, partition, offset: BigInt(message.offset) })
      const isOverdue = !this.#hasCommitted && this.read.length >= records / 2
      if (random.next() < 0.02 || isOverdue) {
        const offset = String(BigInt(message.offset) + 1n)
        await this.#consumer.commitOffsets([{ topic, partition, offset }])
        this.#hasCommitted = true
        await payload.heartbeat()
      }
    }
  }
}

class JavaApplication extends ConsumerApplication {
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>

  constructor(process: ChildProcess) {
    super()
    this.#process = process
    this.#exited = once(process, 'close')
    if (process.stdout === null) throw new Error('the application has no output')
    createInterface(process.stdout).on('line', (line) => {
      const [what, topic = '', partition, offset = ''] = line.split(' ')
      if (what === 'read') this.read.push({ topic, partition: Number(partition), offset: BigInt(offset) })
    })
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }
}

/** Of the classic group protocol. */
export async function startKafkajsApplication(
  cluster: KafkaAddress,
  options: ConsumerApplicationOptions
): Promise<ConsumerApplication> {
  const brokers = cluster.bootstrapServers.split(',')
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: options.group, maxWaitTimeInMs: 200 })
  const application = new KafkajsApplication(consumer, options)
  await application.start()
  return application
}

/** Of the newer group protocol (KIP-848), which kafkajs does not know. Resolves when the process runs. */
export async function startJavaApplication(
  cluster: KafkaAddress,
  { group, topics, random, records = Number.MAX_SAFE_INTEGER }: ConsumerApplicationOptions
): Promise<ConsumerApplication> {
  const args = [cluster.bootstrapServers, group, topics.join(','), String(records), String(random.between(1, 1e9))]
  const settings = ['group.protocol=consumer', 'isolation.level=read_committed']
  return new JavaApplication(await spawnJavaProgram(cluster.jars, 'ReadInGroup', [...args, ...settings]))
}
