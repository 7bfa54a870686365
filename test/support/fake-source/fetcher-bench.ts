/** A raw fetcher before a FakeSource, and a reader that keeps what it was given and releases it after a while. */
import { silentLogger } from '../../../src/base/logger.ts'
import { MirrorError } from '../../../src/base/errors.ts'
import { ByteBudget } from '../../../src/client/byte-budget.ts'
import { type FetchCursor } from '../../../src/client/fetch-cursor.ts'
import { type FetchedBatch } from '../../../src/client/fetched-batch.ts'
import { RawFetcher } from '../../../src/client/raw-fetcher.ts'
import { type ConsumerSettings } from '../../../src/config/client-settings.ts'
import { decodeBatch } from '../../../src/wire/record.ts'
import { fakeSettings } from '../fake-brokers.ts'
import { ManualClock } from '../manual-clock.ts'
import { FakeSource } from './fake-source.ts'

export const consumerSettings: ConsumerSettings = {
  ...fakeSettings([]),
  fetchMinBytes: 1,
  fetchMaxBytes: 1_000_000,
  maxPartitionFetchBytes: 100_000,
  fetchMaxWaitMs: 500,
  isolationLevel: 'read_uncommitted',
  autoOffsetReset: 'earliest',
  clientRack: ''
}

export interface FetcherBenchOptions {
  readonly settings?: Partial<ConsumerSettings>
  readonly fetchVersion?: number
  readonly budgetBytes?: number
  /** Default true. */
  readonly reads?: boolean
}

export class FetcherBench {
  readonly clock = new ManualClock()
  readonly source: FakeSource
  readonly budget: ByteBudget
  readonly fetcher: RawFetcher
  /** Gaps and changes of state, in order. */
  readonly events: string[] = []
  /** By `topic-partition`: values in order of delivery. */
  readonly delivered = new Map<string, string[]>()
  readonly held: FetchedBatch[] = []
  /** How long a batch is kept; null: until `releaseAll`. */
  holdMs: number | null = 0
  /** Batches that the reader gives back; asked once for each that it is given. */
  isPoisoned: (batch: FetchedBatch, values: readonly string[]) => boolean = () => false
  #isReading: boolean

  constructor({ settings = {}, fetchVersion, budgetBytes = 10_000_000, reads = true }: FetcherBenchOptions = {}) {
    this.source = new FakeSource(this.clock, fetchVersion)
    this.budget = new ByteBudget(budgetBytes)
    this.fetcher = new RawFetcher({
      cluster: this.source,
      settings: { ...consumerSettings, ...settings },
      budget: this.budget,
      listener: {
        gap: ({ topic, partition }, { kind, fromOffset, toOffset }) =>
          this.events.push(`${kind} ${topic}-${partition} ${fromOffset}-${toOffset}`),
        blocked: ({ topic, partition }) => this.events.push(`blocked ${topic}-${partition}`),
        resumed: ({ topic, partition }) => this.events.push(`resumed ${topic}-${partition}`)
      },
      clock: this.clock,
      logger: silentLogger
    })
    this.#isReading = reads
    void this.#read()
  }

  assign(...keys: readonly string[]): FetchCursor[] {
    return this.assignAt(keys.map((key) => [key, 0n] as const))
  }

  assignAt(positions: readonly (readonly [string, bigint | undefined])[]): FetchCursor[] {
    return this.fetcher.assign(
      positions.map(([key, position]) => {
        const at = key.lastIndexOf('-')
        return { topic: key.slice(0, at), partition: Number(key.slice(at + 1)), position }
      })
    )
  }

  values(key: string): string[] {
    return this.delivered.get(key) ?? []
  }

  /** Lets time pass until the condition holds. */
  async until(what: string, isSo: () => boolean, mostMs = 60_000): Promise<void> {
    for (let passed = 0; !isSo(); passed += 10) {
      if (passed > mostMs) throw new Error(`not so after ${mostMs} ms: ${what}`)
      await this.clock.advance(10)
    }
  }

  releaseAll(): void {
    for (const batch of this.held.splice(0)) batch.release()
  }

  async close(): Promise<void> {
    this.#isReading = false
    await this.fetcher.close()
    await this.source.close()
    this.releaseAll()
    await this.clock.advance(1_000)
  }

  async #read(): Promise<void> {
    while (this.#isReading) {
      const given = new Set<FetchCursor>()
      for (const batch of await this.fetcher.poll(1_000)) {
        for (const part of batch.batchCount > 1 ? batch.split() : [batch]) await this.#take(part, given)
      }
    }
  }

  async #take(batch: FetchedBatch, rejected: Set<FetchCursor>): Promise<void> {
    const { cursor, wantedOffset } = batch
    if (rejected.has(cursor)) {
      this.fetcher.putBack(batch)
      return
    }
    const records = batch.verdict === 'data' ? await decodeBatch(batch.records) : []
    const values = records.filter(({ offset }) => offset >= wantedOffset).map(({ value }) => String(value))
    if (this.isPoisoned(batch, values)) {
      rejected.add(cursor)
      this.fetcher.reject(batch, new MirrorError('MIRROR_BATCH_INVALID', 'poisoned'))
      return
    }
    const key = `${cursor.topic}-${cursor.partition}`
    this.delivered.set(key, [...this.values(key), ...values])
    this.held.push(batch)
    if (this.holdMs === null) return
    this.clock.schedule(this.holdMs, () => {
      const at = this.held.indexOf(batch)
      if (at < 0) return
      this.held.splice(at, 1)
      batch.release()
    })
  }
}
