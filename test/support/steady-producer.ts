/** Load that flows while faults happen: numbered records at a steady rate, and the knowledge which of them the cluster has. */
import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { spawnJavaProgram } from '../../dev/local-kafka/java-programs.ts'
import { type KafkaAddress } from '../../dev/local-kafka/topic-records.ts'
import { type IdentifiedRecord, identified } from './invariants.ts'
import { waitUntil } from './wait-until.ts'

export interface SteadyProducerOptions {
  /** That the topic has. Default 4. */
  readonly partitions?: number
  /** Default 1000. */
  readonly recordsPerSecond?: number
  /** Values are padded by 0 to this many bytes. Default 200. */
  readonly maxPaddingBytes?: number
  /**
   * Of the first record, by default now. A source broker that starts forgets every producer whose last record is older than
   * producer.id.expiration.ms by its own timestamp, and takes from it again what it has already.
   */
  readonly firstTimestamp?: number
  /** Producer settings. */
  readonly settings?: Readonly<Record<string, string>>
}

/** An idempotent Java producer with acks=all in a process of its own. It never gives a record up, whatever the brokers do. */
export class SteadyProducer {
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #maxPaddingBytes: number
  readonly #firstTimestamp: number
  readonly #acked: IdentifiedRecord[] = []
  readonly #complaints: string[] = []

  private constructor(process: ChildProcess, maxPaddingBytes: number, firstTimestamp: number) {
    this.#process = process
    this.#maxPaddingBytes = maxPaddingBytes
    this.#firstTimestamp = firstTimestamp
    this.#exited = once(process, 'close')
    if (process.stdout === null || process.stderr === null) throw new Error('the producer has no pipes')
    createInterface(process.stdout).on('line', (line) => {
      this.#read(line)
    })
    createInterface(process.stderr).on('line', (line) => this.#complaints.push(line))
  }

  /** Resolves when the first records are acknowledged. */
  static async start(
    cluster: KafkaAddress,
    topic: string,
    options: SteadyProducerOptions = {}
  ): Promise<SteadyProducer> {
    const { partitions = 4, recordsPerSecond = 1000, maxPaddingBytes = 200, settings = {} } = options
    const { firstTimestamp = Date.now() } = options
    const numbers = [partitions, recordsPerSecond, maxPaddingBytes, firstTimestamp].map(String)
    const assignments = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
    const args = [cluster.bootstrapServers, topic, ...numbers, ...assignments]
    const process = await spawnJavaProgram(cluster.jars, 'SteadyProducer', args)
    const producer = new SteadyProducer(process, maxPaddingBytes, firstTimestamp)
    await producer.reaches(1)
    return producer
  }

  /** Records that all replicas have. */
  get ackedCount(): number {
    return this.#acked.length
  }

  async reaches(ackedCount: number, timeoutMs = 60_000): Promise<void> {
    await waitUntil(
      `${ackedCount} records are acknowledged`,
      () => {
        if (this.#process.exitCode !== null) throw new Error(this.#complaints.join('\n'))
        return this.#acked.length >= ackedCount
      },
      { timeoutMs }
    )
  }

  /** Lets the load flow a while longer: `count` records more. */
  async flows(count: number): Promise<void> {
    await this.reaches(this.#acked.length + count)
  }

  /** Ends the load and waits until everything sent is acknowledged. @returns all that the cluster has, in order per partition */
  async stop(): Promise<IdentifiedRecord[]> {
    this.#process.stdin?.end()
    await waitUntil('the producer has ended', () => this.#process.exitCode !== null, { timeoutMs: 120_000 })
    await this.#exited
    if (this.#process.exitCode !== 0) throw new Error(`the producer ended badly: ${this.#complaints.join('\n')}`)
    return this.#acked.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  #read(line: string): void {
    const [partition, offset, number] = line.split(' ')
    if (partition === undefined || offset === undefined || number === undefined || partition === 'failed') {
      this.#complaints.push(line)
      this.#process.kill('SIGKILL')
      return
    }
    this.#acked.push(this.#record(Number(partition), BigInt(offset), Number(number)))
  }

  /** SteadyProducer.java knows the same formula. */
  #record(partition: number, offset: bigint, number: number): IdentifiedRecord {
    const padding = 'x'.repeat((number * 37) % (this.#maxPaddingBytes + 1))
    return identified({
      ...{ partition, offset, timestamp: BigInt(this.#firstTimestamp + number), timestampType: 'CreateTime' },
      ...{ key: Buffer.from(`key-${number}`), value: Buffer.from(`${number}:${padding}`), headers: [] }
    })
  }
}
