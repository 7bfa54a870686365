import { type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Wakeup } from '../base/wakeup.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
import { type Connection, type FrameMemory } from '../net/connection.ts'
import { fetch, fetchMaxVersionByName, type FetchResponse } from '../wire/api/01-fetch.ts'
import { brokerErrorName, brokerErrors } from '../wire/error-codes.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Cluster } from './cluster.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { type FetchedBatch } from './fetched-batch.ts'
import { cutBatches, type FetchedPartition } from './fetched-partition.ts'
import { FetchSession } from './fetch-session.ts'

/** What a broker's fetch loop tells the fetcher it belongs to. */
export interface FetchEvents {
  delivered(batches: FetchedBatch[]): void
  /** The partition's answer is an error, or its bytes are no batches. */
  failed(cursor: FetchCursor, errorCode: number, error: MirrorError): void
  /** A partition that was blocked answers again. */
  recovered(cursor: FetchCursor): void
  /** The logs have parted: what was read from `endOffset` on is no longer in the log (KIP-320). */
  diverged(cursor: FetchCursor, endOffset: bigint): void
  /** The leader prefers another replica to be read from (KIP-392). */
  preferredReplica(cursor: FetchCursor, nodeId: number): void
  /** The broker could not be reached or did not answer. */
  lost(nodeId: number): void
}

export interface BrokerFetcherOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly budget: ByteBudget
  readonly events: FetchEvents
  readonly clock: Clock
  readonly logger: Logger
}

/** Longest sleep while no partition may be fetched: what makes one fetchable again (its share, a retry time) has no event. */
const recheckMs = 50
/** Longest wait at the broker while a partition is left out of the request: it must not wait for quiet siblings. */
const shortWaitMs = 20

const sessionErrors: ReadonlySet<number> = new Set([
  brokerErrors.FETCH_SESSION_ID_NOT_FOUND,
  brokerErrors.INVALID_FETCH_SESSION_EPOCH,
  brokerErrors.FETCH_SESSION_TOPIC_ID_ERROR
])

/**
 * The fetch loop of one broker: one request at a time (the broker serves one at a time per connection anyway), the next
 * one sent as soon as the last is cut into batches, unless the flow's budget is used up.
 */
export class BrokerFetcher {
  readonly nodeId: number
  readonly cursors = new Set<FetchCursor>()
  readonly #options: BrokerFetcherOptions
  readonly #wakeup: Wakeup
  /** A partition with more than this outstanding is left out, so that a slow target partition cannot fill the budget. */
  readonly #shareBytes: number
  #session: FetchSession
  #connection: Connection | undefined
  #isClosed = false
  readonly #ended: Promise<void>

  constructor(nodeId: number, options: BrokerFetcherOptions, shareBytes: number) {
    this.nodeId = nodeId
    this.#options = options
    this.#shareBytes = shareBytes
    this.#wakeup = new Wakeup(options.clock)
    this.#session = new FetchSession(options.settings.maxPartitionFetchBytes, false)
    this.#ended = this.#run()
  }

  /** Looks again at once: cursors were added, or may be fetched again. */
  wake(): void {
    this.#wakeup.notify()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection?.close()
    this.wake()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      if (!this.#options.budget.hasRoom) {
        this.#options.budget.onRoom(() => {
          this.wake()
        })
        await this.#wakeup.wait()
        continue
      }
      const wanted = this.#wanted()
      if (wanted.length === 0) await this.#wakeup.wait(this.cursors.size === 0 ? undefined : recheckMs)
      else await this.#fetch(wanted)
    }
  }

  #wanted(): FetchCursor[] {
    const nowMs = this.#options.clock.monotonic()
    const wanted: FetchCursor[] = []
    for (const cursor of this.cursors) {
      if (cursor.position === undefined || cursor.isResolving) continue
      if (cursor.retryAtMs <= nowMs && cursor.outstandingBytes < this.#shareBytes) wanted.push(cursor)
    }
    return wanted
  }

  async #fetch(wanted: FetchCursor[]): Promise<void> {
    const { settings, clock, events, logger } = this.#options
    try {
      const connection = await this.#connect()
      const byName = wanted.some((cursor) => cursor.topicId === null)
      if (byName !== this.#session.byName) this.#session = new FetchSession(settings.maxPartitionFetchBytes, byName)
      const { response, memory } = await connection.requestRetained(
        fetch,
        {
          maxWaitMs:
            wanted.length < this.cursors.size
              ? Math.min(shortWaitMs, settings.fetchMaxWaitMs)
              : settings.fetchMaxWaitMs,
          minBytes: settings.fetchMinBytes,
          maxBytes: settings.fetchMaxBytes,
          isolationLevel: settings.isolationLevel === 'read_committed' ? 1 : 0,
          rackId: settings.clientRack,
          ...this.#session.next(wanted)
        },
        byName ? { maxVersion: fetchMaxVersionByName } : {}
      )
      try {
        this.#take(response, memory)
      } finally {
        memory.release()
      }
      // A broker over its quota answers empty and says how long it will not read from us (KIP-219).
      if (response.throttleTimeMs > 0) await this.#pause(response.throttleTimeMs)
    } catch (thrown) {
      this.#session.reset()
      if (this.#isClosed) return
      const error = asError(thrown)
      logger.debug({ broker: this.nodeId, err: error }, 'Fetch failed')
      // A defect of ours would loop as fast as it can: whatever failed, wait before the next try.
      events.lost(this.nodeId)
      const untilMs = clock.monotonic() + settings.retryBackoffMs
      for (const cursor of wanted) cursor.retryAtMs = Math.max(cursor.retryAtMs, untilMs)
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#connection === undefined || this.#connection.closed) {
      this.#session.reset()
      this.#connection = await this.#options.cluster.dataConnection(this.nodeId, 'fetch')
      if (this.#isClosed) this.#connection.close()
    }
    return this.#connection
  }

  async #pause(durationMs: number): Promise<void> {
    const untilMs = this.#options.clock.monotonic() + durationMs
    for (;;) {
      const leftMs = untilMs - this.#options.clock.monotonic()
      if (leftMs <= 0 || this.#isClosed) return
      await this.#wakeup.wait(leftMs)
    }
  }

  #take(response: FetchResponse, memory: FrameMemory): void {
    if (response.errorCode !== 0) {
      this.#session.reset()
      if (!sessionErrors.has(response.errorCode)) {
        throw new MirrorError(
          'MIRROR_BROKER',
          `Fetch from broker ${this.nodeId}: ${brokerErrorName(response.errorCode)}`
        )
      }
      return
    }
    const batches: FetchedBatch[] = []
    for (const topic of response.topics) {
      for (const partition of topic.partitions) {
        const found = this.#session.find(topic.name, topic.topicId, partition.partition)
        // Moved to another broker, or its position was reset, while the request was on its way: not ours any more.
        if (found === undefined || !this.cursors.has(found.cursor) || found.cursor.position !== found.position) continue
        if (!found.cursor.isResolving) this.#takePartition({ ...found, response: partition }, memory, batches)
      }
    }
    this.#session.accept(response.sessionId)
    if (batches.length > 0) this.#options.events.delivered(batches)
  }

  #takePartition(fetched: FetchedPartition, memory: FrameMemory, batches: FetchedBatch[]): void {
    const { events, budget } = this.#options
    const { cursor, response } = fetched
    if (response.errorCode !== 0) {
      events.failed(cursor, response.errorCode, this.#refusal(cursor, response.errorCode))
      return
    }
    cursor.highWatermark = response.highWatermark
    cursor.lastStableOffset = response.lastStableOffset
    if (response.logStartOffset >= 0n) cursor.logStartOffset = response.logStartOffset
    if (response.divergingEpoch !== null) {
      events.diverged(cursor, response.divergingEpoch.endOffset)
      return
    }
    if (response.preferredReadReplica >= 0) events.preferredReplica(cursor, response.preferredReadReplica)
    try {
      cutBatches(fetched, memory, budget, batches)
      if (cursor.isBlocked) events.recovered(cursor)
    } catch (thrown) {
      const message = `Source ${this.#options.cluster.alias}: ${cursor.topic}-${cursor.partition} has bytes at offset ${cursor.position ?? 'unknown'} that are no record batch: repair or delete the segment on broker ${this.nodeId}`
      const cause = asError(thrown)
      events.failed(cursor, brokerErrors.CORRUPT_MESSAGE, new MirrorError('MIRROR_BATCH_INVALID', message, { cause }))
    }
  }

  #refusal(cursor: FetchCursor, errorCode: number): MirrorError {
    const { alias } = this.#options.cluster
    return new MirrorError(
      'MIRROR_BROKER',
      `Source ${alias}: broker ${this.nodeId} refuses to read ${cursor.topic}-${cursor.partition} at offset ${cursor.position ?? 'unknown'}: ${brokerErrorName(errorCode)}`,
      { retriable: true }
    )
  }
}
