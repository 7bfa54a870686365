import { type CancelTimer, type Clock, sleep } from '../base/clock.ts'
import { asError, type MirrorError } from '../base/errors.ts'
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
  /** Of the topic that the position belongs to, where that is known: another topic of that name is read from its start. */
  readonly topicId?: Buffer | null
}

/** A refused partition is asked for again after this long. */
const blockedRetryMs = 10_000
/** Time in which the leader notices that a follower is gone (broker.session.timeout.ms), and no longer prefers it. */
const followerLossMs = 30_000

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
  readonly #closing = new AbortController()
  readonly #stopWatching: () => void
  /** Given back before, and now with the reader once more: taken, unless it gives them back before its next poll. */
  readonly #onTrial = new Set<FetchCursor>()
  #ready: FetchedBatch[] = []
  #rejectedCount = 0
  #isRefreshing = false
  /** clock.monotonic() until which leaders are not told our rack, and so serve themselves. */
  #leadersOnlyUntilMs = 0
  #cancelReturn: CancelTimer | undefined
  #closed: Promise<void> | undefined

  constructor(options: RawFetcherOptions) {
    this.#options = options
    this.#delivered = new Wakeup(options.clock)
    this.#events = this.#makeEvents()
    const events = {
      resolved: (cursor: FetchCursor) => {
        this.#settleRejection(cursor)
        this.#recover(cursor)
        this.#place(cursor)
        this.#touch(cursor)
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
    const cursors = assignments.map(({ topic, partition, position, topicId = null }) => {
      const cursor = new FetchCursor(topic, partition, position)
      cursor.topicId = topicId
      return cursor
    })
    if (this.#isClosed) return cursors
    for (const cursor of cursors) {
      this.#cursors.push(cursor)
      this.#options.cluster.follow(cursor.topic)
      if (cursor.position === undefined) this.#resolver.resolve(cursor)
    }
    this.#placeAll()
    return cursors
  }

  /**
   * What has arrived, waiting up to `maxWaitMs` for the first; empty when nothing came or the fetcher was closed. A batch
   * that cannot be used is given back by `reject` before the next call.
   */
  async poll(maxWaitMs: number): Promise<FetchedBatch[]> {
    for (const cursor of this.#onTrial) {
      this.#settleRejection(cursor)
      this.#recover(cursor)
    }
    this.#onTrial.clear()
    if (this.#ready.length === 0 && !this.#isClosed) await this.#delivered.wait(maxWaitMs)
    const batches = this.#ready
    this.#ready = []
    if (this.#rejectedCount > 0) {
      for (const { cursor, lastOffset } of batches) {
        if (cursor.rejectedOffset !== undefined && lastOffset >= cursor.rejectedOffset) this.#onTrial.add(cursor)
      }
    }
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
      this.#onTrial.delete(cursor)
      if (cursor.rejectedOffset === undefined) this.#rejectedCount += 1
      cursor.rejectedOffset = batch.lastOffset
      this.#block(cursor, error)
    }
    this.putBack(batch)
  }

  /** Releases a batch, and reads it again unless its topic is gone. A response on its way is ignored. */
  putBack(batch: FetchedBatch): void {
    const { cursor, wantedOffset } = batch
    // The position can be in front of this batch already: a reset goes back further, or another batch was put back.
    const isBehind = cursor.position === undefined || cursor.position > wantedOffset
    if (isBehind && cursor.isOfTopic(batch.topicId)) {
      cursor.resetTo(wantedOffset)
      this.#touch(cursor)
    }
    batch.release()
  }

  /** Stops reading and ends a running poll. Batches that were polled stay valid until released. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    this.#stopWatching()
    this.#cancelReturn?.()
    for (const batch of this.#ready.splice(0)) batch.release()
    this.#delivered.notify()
    this.#resolver.close()
    await Promise.all([...this.#fetchers.values()].map((fetcher) => fetcher.close()))
    for (const cursor of this.#cursors) this.#options.cluster.unfollow(cursor.topic)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
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
        this.#move(cursor, nodeId)
        this.#returnToLeadersLater()
      },
      lost: (nodeId) => {
        this.#lost(nodeId)
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

  #diverged(cursor: FetchCursor, endOffset: bigint): void {
    const position = cursor.position ?? endOffset
    if (endOffset < position) {
      this.#options.listener.gap(cursor, { kind: 'truncated', fromOffset: endOffset, toOffset: position })
    }
    // Also where only the epoch differs: asked with it again, the broker would say the same again.
    cursor.resetTo(endOffset < position ? endOffset : position)
  }

  #lost(nodeId: number): void {
    const { clock } = this.#options
    for (const cursor of this.#fetchers.get(nodeId)?.cursors ?? []) {
      if (cursor.leaderId === nodeId) continue
      // The leader goes on preferring it for a while, and serves nothing to who names a rack.
      this.#leadersOnlyUntilMs = clock.monotonic() + followerLossMs
      this.#move(cursor, cursor.leaderId)
    }
    this.#refreshLeaders()
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

  #settleRejection(cursor: FetchCursor): void {
    if (cursor.rejectedOffset === undefined) return
    cursor.rejectedOffset = undefined
    this.#rejectedCount -= 1
  }

  #placeAll(): void {
    if (this.#isClosed) return
    for (const cursor of this.#cursors) this.#place(cursor)
    this.#resolver.wake()
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
    if (!cursor.isOfTopic(topicId)) {
      this.#move(cursor, -1)
      this.#resolver.resolve(cursor, true)
    } else if (leader.epoch < cursor.leaderEpoch && cursor.nodeId >= 0) {
      // Metadata from a broker that lags can name an older leader than the one already known. Once that one has sent us
      // away any leader will do: it is told the epoch, and refuses by itself. (Without topic ids a topic that was created
      // anew looks just like that.)
      return
    }
    const isNewLeader = leader.nodeId !== cursor.leaderId || leader.epoch !== cursor.leaderEpoch
    if (topicId !== null) cursor.topicId = topicId
    cursor.leaderId = leader.nodeId
    cursor.leaderEpoch = leader.epoch
    if (isNewLeader || cursor.nodeId < 0) this.#move(cursor, leader.nodeId)
    this.#touch(cursor)
  }

  #touch(cursor: FetchCursor): void {
    this.#fetchers.get(cursor.nodeId)?.touch(cursor)
  }

  #move(cursor: FetchCursor, nodeId: number): void {
    if (cursor.nodeId === nodeId || this.#isClosed) return
    this.#fetchers.get(cursor.nodeId)?.remove(cursor)
    cursor.nodeId = nodeId
    if (nodeId < 0) return
    let fetcher = this.#fetchers.get(nodeId)
    if (fetcher === undefined) {
      fetcher = this.#createFetcher(nodeId)
      this.#fetchers.set(nodeId, fetcher)
    }
    fetcher.add(cursor)
  }

  #createFetcher(nodeId: number): BrokerFetcher {
    const { settings, budget, clock } = this.#options
    return new BrokerFetcher(nodeId, {
      ...this.#options,
      events: this.#events,
      shareBytes: Math.max(2 * settings.maxPartitionFetchBytes, budget.limitBytes / 8),
      // All brokers may answer at once, when half of the budget is in use.
      maxFetchBytes: () => Math.min(settings.fetchMaxBytes, Math.ceil(budget.limitBytes / 2 / this.#fetchers.size)),
      rack: () => (clock.monotonic() < this.#leadersOnlyUntilMs ? '' : settings.clientRack)
    })
  }

  /** Only the leader tells which follower is the right one by now: it is asked again from time to time, as Java does. */
  #returnToLeadersLater(): void {
    const { clock, settings } = this.#options
    this.#cancelReturn ??= clock.schedule(settings.metadataMaxAgeMs, () => {
      this.#cancelReturn = undefined
      for (const cursor of this.#cursors) if (cursor.nodeId >= 0) this.#move(cursor, cursor.leaderId)
    })
  }

  /** Asks for metadata until each partition has a leader. The cluster limits the rate. */
  #refreshLeaders(): void {
    if (this.#isRefreshing || this.#isClosed) return
    this.#isRefreshing = true
    void this.#refreshUntilLed()
  }

  async #refreshUntilLed(): Promise<void> {
    const { cluster, clock, settings, logger } = this.#options
    const { signal } = this.#closing
    for (;;) {
      try {
        await cluster.refreshed()
      } catch (thrown) {
        logger.debug({ cluster: cluster.alias, err: asError(thrown) }, 'Metadata could not be refreshed')
      }
      if (this.#isClosed) return
      for (const cursor of this.#cursors) if (cursor.nodeId < 0) this.#place(cursor)
      if (this.#cursors.every((cursor) => cursor.nodeId >= 0)) break
      // The cluster limits the rate while it is open; once it is closed it answers at once.
      await sleep(clock, settings.retryBackoffMs, signal)
    }
    this.#isRefreshing = false
  }
}
