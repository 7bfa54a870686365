import { type CancelTimer, type Clock, sleep } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
import { BrokerFetcher, type FetchEvents } from './broker-fetcher.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Cluster } from './cluster.ts'
import { type FetchCursor } from './fetch-cursor.ts'

export interface CursorPlacementOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly budget: ByteBudget
  readonly clock: Clock
  readonly logger: Logger
  readonly events: FetchEvents
  /** The topic of that name is another one now: the cursor is placed once it has a new position. */
  recreated(cursor: FetchCursor): void
  /** All cursors were placed anew: leaders have changed. */
  placed(): void
}

/** Time in which the leader notices that a follower is gone (broker.session.timeout.ms), and no longer prefers it. */
const followerLossMs = 30_000

/**
 * Decides which broker each cursor is read from, the leader or the follower that it prefers, and keeps one fetch loop a
 * broker. A cursor without a leader waits here: metadata is asked for until there is one.
 */
export class CursorPlacement {
  readonly #options: CursorPlacementOptions
  readonly #cursors: FetchCursor[] = []
  readonly #fetchers = new Map<number, BrokerFetcher>()
  readonly #closing = new AbortController()
  readonly #stopWatching: () => void
  #isRefreshing = false
  /** clock.monotonic() until which leaders are not told our rack, and so serve themselves. */
  #leadersOnlyUntilMs = 0
  #cancelReturn: CancelTimer | undefined

  constructor(options: CursorPlacementOptions) {
    this.#options = options
    this.#stopWatching = options.cluster.onChange(() => {
      this.placeAll()
    })
  }

  get cursors(): readonly FetchCursor[] {
    return this.#cursors
  }

  /** Takes a cursor in, to be placed by the next `placeAll`. */
  add(cursor: FetchCursor): void {
    this.#cursors.push(cursor)
    this.#options.cluster.follow(cursor.topic)
  }

  placeAll(): void {
    if (this.#isClosed) return
    for (const cursor of this.#cursors) this.place(cursor)
    this.#options.placed()
    this.refreshLeaders()
  }

  /** Gives a cursor to the broker that now leads its partition. */
  place(cursor: FetchCursor): void {
    const leader = this.#options.cluster.leader(cursor.topic, cursor.partition)
    if (leader === undefined) {
      this.move(cursor, -1)
      return
    }
    const { topicId } = leader
    if (!cursor.isOfTopic(topicId)) {
      this.move(cursor, -1)
      this.#options.recreated(cursor)
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
    if (isNewLeader || cursor.nodeId < 0) this.move(cursor, leader.nodeId)
    this.touch(cursor)
  }

  /** The cursor was changed: its fetch loop looks at it before the next request. */
  touch(cursor: FetchCursor): void {
    this.#fetchers.get(cursor.nodeId)?.touch(cursor)
  }

  /** -1: nobody is asked until the cursor is placed again. */
  move(cursor: FetchCursor, nodeId: number): void {
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

  /** The leader wants this replica to be read from. */
  prefer(cursor: FetchCursor, nodeId: number): void {
    this.move(cursor, nodeId)
    this.#returnToLeadersLater()
  }

  /** The broker could not be reached or did not answer. */
  lost(nodeId: number): void {
    const { clock } = this.#options
    for (const cursor of this.#fetchers.get(nodeId)?.cursors ?? []) {
      if (cursor.leaderId === nodeId) continue
      // The leader goes on preferring it for a while, and serves nothing to who names a rack.
      this.#leadersOnlyUntilMs = clock.monotonic() + followerLossMs
      this.move(cursor, cursor.leaderId)
    }
    this.refreshLeaders()
  }

  /** Asks for metadata until each partition has a leader. The cluster limits the rate. */
  refreshLeaders(): void {
    if (this.#isRefreshing || this.#isClosed) return
    this.#isRefreshing = true
    void this.#refreshUntilLed()
  }

  /** Stops the fetch loops. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#stopWatching()
    this.#cancelReturn?.()
    await Promise.all([...this.#fetchers.values()].map((fetcher) => fetcher.close()))
    for (const cursor of this.#cursors) this.#options.cluster.unfollow(cursor.topic)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  #createFetcher(nodeId: number): BrokerFetcher {
    const { settings, budget, clock } = this.#options
    return new BrokerFetcher(nodeId, {
      ...this.#options,
      shareBytes: Math.max(2 * settings.maxPartitionFetchBytes, budget.limitBytes / 8),
      // All brokers may answer at once, when a quarter of the budget is in use.
      maxFetchBytes: () => Math.min(settings.fetchMaxBytes, Math.ceil(budget.limitBytes / 2 / this.#fetchers.size)),
      rack: () => (clock.monotonic() < this.#leadersOnlyUntilMs ? '' : settings.clientRack)
    })
  }

  /** Only the leader tells which follower is the right one by now: it is asked again from time to time, as Java does. */
  #returnToLeadersLater(): void {
    const { clock, settings } = this.#options
    this.#cancelReturn ??= clock.schedule(settings.metadataMaxAgeMs, () => {
      this.#cancelReturn = undefined
      for (const cursor of this.#cursors) if (cursor.nodeId >= 0) this.move(cursor, cursor.leaderId)
    })
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
      for (const cursor of this.#cursors) if (cursor.nodeId < 0) this.place(cursor)
      if (this.#cursors.every((cursor) => cursor.nodeId >= 0)) break
      // The cluster limits the rate while it is open; once it is closed it answers at once.
      await sleep(clock, settings.retryBackoffMs, signal)
    }
    this.#isRefreshing = false
  }
}
