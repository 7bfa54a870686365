import { type Clock } from '../base/clock.ts'
import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Wakeup } from '../base/wakeup.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { type FetchEvents } from './broker-fetcher.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Cluster } from './cluster.ts'
import { CursorPlacement } from './cursor-placement.ts'
import { FetchCursor } from './fetch-cursor.ts'
import { type FetchedBatch } from './fetched-batch.ts'
import { PositionResolver, type SourceGap } from './position-resolver.ts'
import { RejectedBatches } from './rejected-batches.ts'
import { type TopicPartition } from './topic-partition.ts'

export interface FetchListener {
  /** Source records that will not be mirrored, or not again. Once each. */
  gap(partition: TopicPartition, gap: SourceGap): void
  /** The partition cannot be read until an operator acts; it is retried slowly. Once per change of state. */
  blocked(partition: TopicPartition, error: MirrorError): void
  resumed(partition: TopicPartition): void
}

export interface RawFetcherOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly budget: ByteBudget
  readonly listener: FetchListener
  readonly clock: Clock
  readonly logger: Logger
}

export interface FetchAssignment extends TopicPartition {
  /** Next offset to read; undefined leaves it to auto.offset.reset. */
  readonly position: bigint | undefined
  /** Of the topic that the position belongs to, where that is known: another topic of that name is read from its start. */
  readonly topicId?: Buffer | null
}

/** A refused partition is asked for again after this long. */
const blockedRetryMs = 10_000
/** Answers that say "not here, or not yet": look up the leader again and go on. */
const leaderErrors: ReadonlySet<number> = new Set([
  brokerErrors.UNKNOWN_TOPIC_OR_PARTITION,
  brokerErrors.LEADER_NOT_AVAILABLE,
  brokerErrors.NOT_LEADER_OR_FOLLOWER,
  brokerErrors.REPLICA_NOT_AVAILABLE,
  brokerErrors.KAFKA_STORAGE_ERROR,
  brokerErrors.FENCED_LEADER_EPOCH,
  brokerErrors.UNKNOWN_LEADER_EPOCH,
  brokerErrors.OFFSET_NOT_AVAILABLE,
  brokerErrors.UNKNOWN_TOPIC_ID,
  brokerErrors.INCONSISTENT_TOPIC_ID
])

/**
 * Reads whole record batches of many partitions, from whichever broker leads them: one fetch loop a broker, one cursor a
 * partition. Batches come out of `poll` in order per partition; memory is bounded by the budget, not by who polls when.
 */
export class RawFetcher {
  readonly #options: RawFetcherOptions
  readonly #placement: CursorPlacement
  readonly #resolver: PositionResolver
  readonly #rejected: RejectedBatches
  readonly #delivered: Wakeup
  #ready: FetchedBatch[] = []
  #isClosed = false
  #closed: Promise<void> | undefined

  constructor(options: RawFetcherOptions) {
    this.#options = options
    this.#delivered = new Wakeup(options.clock)
    this.#rejected = new RejectedBatches((cursor) => {
      this.#recover(cursor)
    })
    this.#resolver = new PositionResolver({
      ...options,
      events: {
        resolved: (cursor) => {
          this.#unblock(cursor)
          this.#placement.place(cursor)
          this.#placement.touch(cursor)
        },
        gap: (cursor, gap) => {
          options.listener.gap(cursor, gap)
        },
        unresolved: (cursor, error) => {
          this.#block(cursor, error)
        }
      }
    })
    this.#placement = new CursorPlacement({
      ...options,
      events: this.#makeEvents(),
      recreated: (cursor) => {
        this.#resolver.resolve(cursor, true)
      },
      placed: () => {
        this.#resolver.wake()
      }
    })
  }

  /** Reading state of each partition, for lag and health. */
  get cursors(): readonly Readonly<FetchCursor>[] {
    return this.#placement.cursors
  }

  /** Adds partitions; their batches carry the cursors returned. Reading starts as soon as leader and position are known. */
  assign(assignments: readonly FetchAssignment[]): FetchCursor[] {
    const cursors = assignments.map(({ topic, partition, position, topicId = null }) => {
      const cursor = new FetchCursor(topic, partition, position)
      cursor.topicId = topicId
      return cursor
    })
    if (this.#isClosed) return cursors
    for (const cursor of cursors) {
      this.#placement.add(cursor)
      if (cursor.position === undefined) this.#resolver.resolve(cursor)
    }
    this.#placement.placeAll()
    return cursors
  }

  /**
   * What has arrived, waiting up to `maxWaitMs` for the first; empty when nothing came or the fetcher was closed. A batch
   * that cannot be used is given back by `reject` before the next call.
   */
  async poll(maxWaitMs: number): Promise<FetchedBatch[]> {
    this.#rejected.endTrials()
    if (this.#ready.length === 0 && !this.#isClosed) await this.#delivered.wait(maxWaitMs)
    const batches = this.#ready
    this.#ready = []
    this.#rejected.handOut(batches)
    return batches
  }

  /**
   * Gives back a batch that cannot be used: its partition is read again from that batch on, after a while, and counts as
   * blocked meanwhile. What the caller holds of what was read behind it, it puts back.
   */
  reject(batch: FetchedBatch, error: MirrorError): void {
    const { cursor } = batch
    if (cursor.isOfTopic(batch.topicId)) {
      const behind = this.#ready.filter((other) => other.cursor === cursor)
      this.#ready = this.#ready.filter((other) => other.cursor !== cursor)
      for (const other of behind) this.putBack(other)
      cursor.retryAtMs = this.#options.clock.monotonic() + blockedRetryMs
      this.#rejected.add(batch)
      this.#block(cursor, error)
    }
    this.putBack(batch)
  }

  /** Releases a batch, and reads it again unless its topic is gone. A response on its way is ignored. */
  putBack(batch: FetchedBatch): void {
    const { cursor, wantedOffset, previousEpoch } = batch
    // The position can be in front of this batch already: a reset goes back further, or another batch was put back.
    const isBehind = cursor.position === undefined || cursor.position > wantedOffset
    if (isBehind && cursor.isOfTopic(batch.topicId)) {
      cursor.resetTo(wantedOffset, previousEpoch)
      this.#placement.touch(cursor)
    }
    batch.release()
  }

  /** Stops reading and ends a running poll. Batches that were polled stay valid until released. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    for (const batch of this.#ready.splice(0)) batch.release()
    this.#delivered.notify()
    this.#resolver.close()
    await this.#placement.close()
  }

  #makeEvents(): FetchEvents {
    return {
      delivered: (batches) => {
        this.#deliver(batches)
      },
      failed: (cursor, errorCode, error) => {
        this.#failed(cursor, errorCode, error)
      },
      recovered: (cursor) => {
        if (cursor.rejectedOffset === undefined) this.#recover(cursor)
      },
      diverged: (cursor, endOffset) => {
        this.#diverged(cursor, endOffset)
      },
      preferredReplica: (cursor, nodeId) => {
        this.#placement.prefer(cursor, nodeId)
      },
      lost: (nodeId) => {
        this.#placement.lost(nodeId)
      }
    }
  }

  #deliver(batches: FetchedBatch[]): void {
    if (this.#isClosed) {
      for (const batch of batches) batch.release()
      return
    }
    if (this.#ready.length === 0) this.#ready = batches
    else for (const batch of batches) this.#ready.push(batch)
    this.#delivered.notify()
  }

  #failed(cursor: FetchCursor, errorCode: number, error: MirrorError): void {
    const { clock, settings } = this.#options
    cursor.retryAtMs = clock.monotonic() + settings.retryBackoffMs
    if (errorCode === brokerErrors.OFFSET_OUT_OF_RANGE) {
      // A follower can lag behind the leader that sent us there: the leader's word counts.
      if (cursor.nodeId !== cursor.leaderId) this.#placement.move(cursor, cursor.leaderId)
      else this.#resolver.resolve(cursor)
    } else if (leaderErrors.has(errorCode)) {
      this.#placement.move(cursor, -1)
      this.#placement.refreshLeaders()
    } else {
      cursor.retryAtMs = clock.monotonic() + blockedRetryMs
      this.#block(cursor, error)
    }
  }

  #diverged(cursor: FetchCursor, endOffset: bigint): void {
    const position = cursor.position ?? endOffset
    if (endOffset < position) {
      this.#options.listener.gap(cursor, { kind: 'truncated', fromOffset: endOffset, toOffset: position })
    }
    // Also where only the epoch differs: asked with it again, the broker would say the same again.
    cursor.resetTo(endOffset < position ? endOffset : position)
    if (cursor.rejectedOffset !== undefined && cursor.rejectedOffset >= endOffset) this.#unblock(cursor)
  }

  /** What blocked the partition is over, also where that was a batch that the reader gave back. */
  #unblock(cursor: FetchCursor): void {
    this.#rejected.settle(cursor)
    this.#recover(cursor)
  }

  #block(cursor: FetchCursor, error: MirrorError): void {
    if (cursor.isBlocked) return
    cursor.isBlocked = true
    this.#options.listener.blocked(cursor, error)
  }

  #recover(cursor: FetchCursor): void {
    if (!cursor.isBlocked) return
    cursor.isBlocked = false
    this.#options.listener.resumed(cursor)
  }
}
