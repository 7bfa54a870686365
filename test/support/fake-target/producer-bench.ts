/** A raw producer before a FakeTarget, and an account of what was sent and what was settled. */
import { type Logger } from '../../../src/base/logger.ts'
import { createRawProducer, type RawProducerOptions } from '../../../src/client/batch-producer.ts'
import { type AckedRun, type RawProducer, type RefusedRecords } from '../../../src/client/raw-producer.ts'
import { type ProducerSettings } from '../../../src/config/client-settings.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { ManualClock } from '../manual-clock.ts'
import { FakeTarget } from './fake-target.ts'

export const producerSettings: ProducerSettings = {
  bootstrapServers: [],
  clientId: 'test',
  security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  reconnectBackoffMs: 50,
  reconnectBackoffMaxMs: 1_000,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 1_000,
  metadataMaxAgeMs: 300_000,
  connectionsMaxIdleMs: 540_000,
  acks: -1,
  maxInFlightRequests: 5,
  maxRequestBytes: 1_048_576,
  ackTimeoutMs: 30_000,
  compressionType: null
}

export interface SettledBatch {
  readonly values: readonly string[]
  readonly runs: readonly AckedRun[]
  readonly refused: readonly RefusedRecords[]
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
}

export class ProducerBench {
  readonly clock = new ManualClock()
  readonly target = new FakeTarget(this.clock)
  readonly log: LogLine[] = []
  readonly states: string[] = []
  readonly producer: RawProducer
  /** By `topic-partition`, in the order of the calls. */
  readonly sent = new Map<string, string[][]>()
  readonly settled = new Map<string, SettledBatch[]>()
  /** Of the records sent; undefined: the time of the clock. */
  timestamp: bigint | undefined
  #records = 0

  constructor(settings: Partial<ProducerSettings> = {}, more: Pick<RawProducerOptions, 'mayWrite'> = {}) {
    this.producer = createRawProducer({
      cluster: this.target,
      settings: { ...producerSettings, ...settings },
      clock: this.clock,
      random: () => 0.5,
      logger: this.#logger(),
      listener: {
        blocked: ({ topic, partition }) => this.states.push(`blocked ${topic}-${partition}`),
        resumed: ({ topic, partition }) => this.states.push(`resumed ${topic}-${partition}`)
      },
      label: 'test',
      ...more
    })
  }

  /** With partitions t-0 ... and a producer whose state is known: one batch of each is acknowledged. */
  static async warm(partitions = 1, settings: Partial<ProducerSettings> = {}): Promise<ProducerBench> {
    const bench = new ProducerBench(settings)
    for (let index = 0; index < partitions; index++) {
      bench.target.addPartition(`t-${index}`)
      await bench.send(`t-${index}`, [20])
    }
    await bench.finish()
    bench.target.seen.length = 0
    return bench
  }

  /** Sends one batch of records with values of these lengths to `topic-partition`. */
  async send(key: string, valueBytes: readonly number[], codec = 0): Promise<void> {
    const send = await this.prepare(key, valueBytes, codec)
    send()
  }

  /** The same, without sending it yet. */
  async prepare(key: string, valueBytes: readonly number[], codec = 0): Promise<() => void> {
    const { values, batch } = await this.#encode(valueBytes, codec)
    return () => {
      this.#send(key, values, batch)
    }
  }

  /** Sends several record batches as one. */
  async sendRun(key: string, batches: readonly (readonly number[])[]): Promise<void> {
    const run = await Promise.all(batches.map(async (valueBytes) => await this.#encode(valueBytes)))
    const values = run.flatMap((each) => each.values)
    this.#send(key, values, Buffer.concat(run.map(({ batch }) => batch)))
  }

  /** Lets time pass until everything is settled. */
  async finish(mostMs = 600_000): Promise<void> {
    for (let passed = 0; this.producer.outstandingBatches > 0; passed += 50) {
      if (passed > mostMs) throw new Error(`${this.producer.outstandingBatches} batches are not settled`)
      await this.clock.advance(50)
    }
  }

  /** Checks that each record is in the log once, in order, where `settled` says, but for the refused ones. */
  problems(): string[] {
    const found = [...this.target.violations]
    for (const [key, batches] of this.sent) {
      const settled = this.settled.get(key) ?? []
      if (settled.length !== batches.length) found.push(`${key}: ${settled.length} of ${batches.length} settled`)
      const log = this.target.partitions.get(key)?.values ?? []
      const expected: string[] = []
      for (const [index, { values, runs, refused }] of settled.entries()) {
        if (values !== batches[index]) found.push(`${key}: batch ${index} settled out of order`)
        const covered = new Set<number>()
        for (const { firstIndex, count, baseOffset } of runs) {
          for (let i = 0; i < count; i++) {
            covered.add(firstIndex + i)
            const at = Number(baseOffset) + i
            if (log[at] !== values[firstIndex + i]) found.push(`${key}: offset ${at} is not record ${firstIndex + i}`)
          }
        }
        for (const { firstIndex, count } of refused) for (let i = 0; i < count; i++) covered.add(firstIndex + i)
        if (covered.size !== values.length) found.push(`${key}: batch ${index} covers ${covered.size} records`)
        const isRefused = (at: number): boolean =>
          refused.some((r) => at >= r.firstIndex && at < r.firstIndex + r.count)
        expected.push(...values.filter((_, at) => !isRefused(at)))
      }
      if (log.join() !== expected.join()) found.push(`${key}: the log has ${log.length} records: ${log.join(' ')}`)
    }
    return found
  }

  messages(level: LogLine['level']): string[] {
    return this.log.filter((line) => line.level === level).map((line) => line.message)
  }

  async #encode(valueBytes: readonly number[], codec = 0): Promise<{ values: string[]; batch: Buffer }> {
    const values = valueBytes.map((bytes) => `${this.#records++};`.padEnd(bytes, '.'))
    const timestamp = this.timestamp ?? BigInt(this.clock.now())
    const records = values.map((value) => ({ timestamp, key: null, value: Buffer.from(value) }))
    return { values, batch: await encodeBatch(records, codec) }
  }

  #send(key: string, values: string[], records: Buffer): void {
    const at = key.lastIndexOf('-')
    this.sent.set(key, [...(this.sent.get(key) ?? []), values])
    this.producer.send(key.slice(0, at), Number(key.slice(at + 1)), {
      records,
      recordCount: values.length,
      settled: (runs, refused) => {
        this.settled.set(key, [...(this.settled.get(key) ?? []), { values, runs, refused }])
      }
    })
  }

  #logger(): Logger {
    const write = (level: LogLine['level']) => (_fields: object, message: string) => {
      this.log.push({ level, message })
    }
    const logger: Logger = {
      debug: () => undefined,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: () => logger
    }
    return logger
  }
}
