import { type Clock } from '../base/clock.ts'
import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Wakeup } from '../base/wakeup.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { BrokerFetcher, type FetchEvents } from './broker-fetcher.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Cluster } from './cluster.ts'
import { FetchCursor } from './fetch-cursor.ts'
import { type FetchedBatch } from './fetched-batch.ts'
import { PositionResolver, type SourceGap } from './position-resolver.ts'
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
  readonly #cursors: FetchCursor[] = []
  readonly #fetchers = new Map<number, BrokerFetcher>()
  readonly #resolver: PositionResolver
  readonly #events: FetchEvents
  readonly #delivered: Wakeup
  readonly #stopWatching: () => void
  #ready: FetchedBatch[] = []
  #isWatching = false
  #isClosed = false

  constructor(options: RawFetcherOptions) {
    this.#options = options
    this.#delivered = new Wakeup(options.clock)
    this.#events = this.#makeEvents()
    const events = {
      resolved: (cursor: FetchCursor) => {
        this.#recover(cursor)
        this.#place(cursor)
      },
      gap: (cursor: FetchCursor, gap: SourceGap) => {
        options.listener.gap(cursor, gap)
      },
      unresolved: (cursor: FetchCursor, error: MirrorError) => {
        this.#block(cursor, error)
      }
    }
    this.#resolver = new PositionResolver({ ...options, events })
    this.#stopWatching = options.cluster.onChange(() => {
      this.#placeAll()
    })
  }

  /** Reading state of each partition, for lag and health. */
  get cursors(): readonly Readonly<FetchCursor>[] {
    return this.#cursors
  }

  /** Adds partitions; their batches carry the cursors returned. Reading starts as soon as leader and position are known. */
  assign(assignments: readonly FetchAssignment[]): FetchCursor[] {
    const cursors = assignments.map(({ topic, partition, position }) => new FetchCursor(topic, partition, position))
    for (const cursor of cursors) {
      this.#cursors.push(cursor)
      this.#options.cluster.follow(cursor.topic)
      if (cursor.position === undefined) this.#resolver.resolve(cursor)
    }
    this.#placeAll()
    return cursors
  }

  /** What has arrived, waiting up to `maxWaitMs` for the first; empty when nothing came or the fetcher was closed. */
  async poll(maxWaitMs: number): Promise<FetchedBatch[]> {
    if (this.#ready.length === 0 && !this.#isClosed) await this.#delivered.wait(maxWaitMs)
    const batches = this.#ready
    this.#ready = []
    return batches
  }

  /**
   * Gives back a batch that cannot be used: its partition is read again from that batch on, after a while, and counts as
   * blocked meanwhile. What was read behind it and not yet polled is dropped here; what the caller holds it must drop.
   */
  reject(batch: FetchedBatch, error: MirrorError): void {
    const { cursor } = batch
    this.#ready = this.#ready.filter((other) => {
      if (other.cursor === cursor) other.release()
      return other.cursor !== cursor
    })
    // A response on its way was asked for at the old position, and is ignored for that.
    cursor.position = batch.wantedOffset
    cursor.lastFetchedEpoch = -1
    cursor.retryAtMs = this.#options.clock.monotonic() + blockedRetryMs
    this.#block(cursor, error)
    batch.release()
  }

  /** Stops reading and ends a running poll. Batches that were polled stay valid until released. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopWatching()
    this.#delivered.notify()
    await Promise.all([this.#resolver.close(), ...[...this.#fetchers.values()].map((fetcher) => fetcher.close())])
    for (const cursor of this.#cursors) this.#options.cluster.unfollow(cursor.topic)
  }

  #makeEvents(): FetchEvents {
    return {
      delivered: (batches) => {
        if (this.#ready.length === 0) this.#ready = batches
        else for (const batch of batches) this.#ready.push(batch)
        this.#delivered.notify()
      },
      failed: (cursor, errorCode, error) => {
        this.#failed(cursor, errorCode, error)
      },
      recovered: (cursor) => {
        this.#recover(cursor)
      },
      diverged: (cursor, endOffset) => {
        const { position } = cursor
        if (position !== undefined && endOffset < position) {
          this.#options.listener.gap(cursor, { kind: 'truncated', fromOffset: endOffset, toOffset: position })
          cursor.position = endOffset
        }
        cursor.lastFetchedEpoch = -1
      },
      preferredReplica: (cursor, nodeId) => {
        this.#move(cursor, nodeId)
      },
      lost: (nodeId) => {
        for (const cursor of this.#cursors) if (cursor.nodeId === nodeId) this.#move(cursor, cursor.leaderId)
        this.#refreshLeaders()
      }
    }
  }

  #failed(cursor: FetchCursor, errorCode: number, error: MirrorError): void {
    const { clock, settings } = this.#options
    cursor.retryAtMs = clock.monotonic() + settings.retryBackoffMs
    if (errorCode === brokerErrors.OFFSET_OUT_OF_RANGE) {
      // A follower can lag behind the leader that sent us there: the leader's word counts.
      if (cursor.nodeId !== cursor.leaderId) this.#move(cursor, cursor.leaderId)
      else this.#resolver.resolve(cursor)
    } else if (leaderErrors.has(errorCode)) {
      this.#move(cursor, -1)
      this.#refreshLeaders()
    } else {
      cursor.retryAtMs = clock.monotonic() + blockedRetryMs
      this.#block(cursor, error)
    }
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

  #placeAll(): void {
    if (this.#isClosed) return
    for (const cursor of this.#cursors) this.#place(cursor)
    this.#refreshLeaders()
  }

  /** Gives a cursor to the broker that now leads its partition. */
  #place(cursor: FetchCursor): void {
    const leader = this.#options.cluster.leader(cursor.topic, cursor.partition)
    if (leader === undefined) {
      this.#move(cursor, -1)
      return
    }
    const { topicId } = leader
    if (topicId !== null && cursor.topicId !== null && !cursor.topicId.equals(topicId)) {
      cursor.leaderEpoch = -1
      this.#move(cursor, -1)
      this.#resolver.resolve(cursor, true)
    }
    const isNewLeader = leader.nodeId !== cursor.leaderId || leader.epoch !== cursor.leaderEpoch
    cursor.topicId = topicId
    // Metadata from a broker that lags can name an older leader than the one already known.
    if (leader.epoch < cursor.leaderEpoch) return
    cursor.leaderId = leader.nodeId
    cursor.leaderEpoch = leader.epoch
    if (isNewLeader || cursor.nodeId < 0) this.#move(cursor, leader.nodeId)
    else this.#fetchers.get(cursor.nodeId)?.wake()
  }

  #move(cursor: FetchCursor, nodeId: number): void {
    if (cursor.nodeId === nodeId || this.#isClosed) return
    this.#fetchers.get(cursor.nodeId)?.cursors.delete(cursor)
    cursor.nodeId = nodeId
    if (nodeId < 0) return
    let fetcher = this.#fetchers.get(nodeId)
    if (fetcher === undefined) {
      const { settings, budget } = this.#options
      const shareBytes = Math.max(2 * settings.maxPartitionFetchBytes, budget.limitBytes / 8)
      fetcher = new BrokerFetcher(nodeId, { ...this.#options, events: this.#events }, shareBytes)
      this.#fetchers.set(nodeId, fetcher)
    }
    fetcher.cursors.add(cursor)
    fetcher.wake()
  }

  /** Asks for metadata until each partition has a leader. The cluster limits the rate. */
  #refreshLeaders(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const watch = async (): Promise<void> => {
      do {
        this.#options.cluster.refreshSoon()
        await this.#options.cluster.refreshed()
        if (this.#isClosed) return
        for (const cursor of this.#cursors) if (cursor.nodeId < 0) this.#place(cursor)
      } while (this.#cursors.some((cursor) => cursor.nodeId < 0))
      this.#isWatching = false
    }
    void watch()
  }
}
