import { type Clock, endsWithin, sleep } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { type RawProducer } from '../../client/raw-producer.ts'
import { encodeBatch } from '../../wire/record.ts'
import { OffsetSyncQueue, SyncedPartition } from './offset-sync-queue.ts'

export interface OffsetSyncWriterOptions {
  /** Of its own, to the cluster that keeps the syncs: it tries for ever. */
  readonly producer: Pick<RawProducer, 'send'>
  /** Closes the producer and what is behind it. */
  readonly close: () => Promise<void>
  readonly topic: string
  /** `offset.lag.max` */
  readonly lagMax: bigint
  readonly clock: Clock
}

/** A cluster that keeps syncs is not to be kept busy by them: this is how often they go out, all that wait together. */
const sendIntervalMs = 100
const mostAtOnce = 1_000
/** Positions are stored each second, not each minute as in the reference: a sync a partition each time would be too many. */
const promotionIntervalMs = 10_000
/** How long a stop waits for a topic that has never taken anything: it may not be there. */
const firstAnswerMs = 1_000

/**
 * Writes the offset syncs of a task. The data never waits for them: what cannot be sent yet waits here, one sync a partition.
 * The reference has ten single ones under way and loses those that fail or wait when the task stops (spec 15.15, 15.16);
 * here one request has all that wait, is repeated until it is answered, and a stop waits for the last.
 */
export class OffsetSyncWriter {
  readonly #options: OffsetSyncWriterOptions
  readonly #queue: OffsetSyncQueue
  readonly #closing = new AbortController()
  #sending: Promise<void> | undefined
  #nextPromotionMs = 0
  #hasArrived = false

  constructor(options: OffsetSyncWriterOptions) {
    this.#options = options
    this.#queue = new OffsetSyncQueue(options.lagMax)
  }

  /** What `offer` takes: made once for a source partition. */
  partition(topic: string, partition: number): SyncedPartition {
    return new SyncedPartition(topic, partition)
  }

  /** Source records `[upstream, upstream + count)` are at target offsets `[downstream, downstream + count)`. In order. */
  offer(partition: SyncedPartition, upstream: bigint, downstream: bigint, count: number): void {
    this.#queue.offer(partition, upstream, downstream, count)
    this.#send()
  }

  /** Positions were stored: the newest record of each partition becomes a sync, if the last ones were made a while ago. */
  commit(): void {
    const nowMs = this.#options.clock.monotonic()
    if (nowMs < this.#nextPromotionMs) return
    this.#nextPromotionMs = nowMs + promotionIntervalMs
    this.#queue.promoteDelayed()
    this.#send()
  }

  /** Has the newest record of each partition sent, waits for that at most `timeoutMs`, and closes the producer. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort()
    this.#queue.promoteDelayed()
    this.#send()
    const longestMs = this.#hasArrived ? timeoutMs : Math.min(timeoutMs, firstAnswerMs)
    if (this.#sending !== undefined) await endsWithin(this.#options.clock, longestMs, this.#sending)
    await this.#options.close()
  }

  #send(): void {
    if (this.#queue.isEmpty || this.#sending !== undefined) return
    this.#sending = this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    const { producer, topic, clock } = this.#options
    while (!this.#queue.isEmpty) {
      const timestamp = BigInt(clock.now())
      const syncs = this.#queue.take(mostAtOnce)
      const records = await encodeBatch(syncs.map((sync) => ({ timestamp, ...sync })))
      const settled = deferred<undefined>()
      producer.send(topic, 0, {
        records,
        recordCount: syncs.length,
        settled: () => {
          settled.resolve(undefined)
        }
      })
      await settled.promise
      this.#hasArrived = true
      await sleep(clock, sendIntervalMs, this.#closing.signal)
    }
    this.#sending = undefined
  }
}
