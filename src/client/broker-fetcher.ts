import { type Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Wakeup } from '../base/wakeup.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
import { type Connection, type FrameMemory } from '../net/connection.ts'
import { fetch, fetchMaxVersionByName, type FetchResponse } from '../wire/api/01-fetch.ts'
import { brokerErrorName, brokerErrors, fetchSessionLost } from '../wire/error-codes.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type Cluster } from './cluster.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { type FetchedBatch } from './fetched-batch.ts'
import { cutBatches, type FetchedPartition } from './fetched-partition.ts'
import { FetchSelection } from './fetch-selection.ts'
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
  /** A partition with more than this outstanding is left out, so that a slow target partition cannot fill the budget. */
  readonly shareBytes: number
  /** Most bytes of the next fetch, of any broker. */
  readonly maxFetchBytes: () => number
  /** Rack to be named in the next fetch; empty to be served by the leader. */
  readonly rack: () => string
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The fetch loop of one broker: one request at a time (the broker serves one at a time per connection anyway), the next
 * one sent as soon as the last is cut into batches, unless the flow's budget is used up.
 */
export class BrokerFetcher {
  readonly nodeId: number
  readonly #options: BrokerFetcherOptions
  readonly #selection: FetchSelection
  readonly #wakeup: Wakeup
  readonly #wake: () => void
  readonly #closing = deferred<undefined>()
  #session: FetchSession
  #connection: Connection | undefined
  #isFailing = false
  #isClosed = false
  readonly #ended: Promise<void>

  constructor(nodeId: number, options: BrokerFetcherOptions) {
    this.nodeId = nodeId
    this.#options = options
    this.#wakeup = new Wakeup(options.clock)
    this.#wake = () => {
      this.#wakeup.notify()
    }
    this.#selection = new FetchSelection({ ...options, wake: this.#wake })
    this.#session = new FetchSession(options.settings.maxPartitionFetchBytes, false)
    this.#ended = this.#run()
  }

  get cursors(): ReadonlySet<FetchCursor> {
    return this.#selection.cursors
  }

  add(cursor: FetchCursor): void {
    this.#selection.add(cursor)
  }

  /** What a response on its way has for this cursor is ignored. */
  remove(cursor: FetchCursor): void {
    this.#selection.remove(cursor)
    this.#session.drop(cursor)
  }

  /** Looks at the cursor before the next request: it was changed. */
  touch(cursor: FetchCursor): void {
    this.#selection.touch(cursor)
  }

  /** Does not wait for a broker that does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection?.close()
    this.#closing.resolve(undefined)
    this.#wake()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      if (!this.#options.budget.hasRoom) {
        this.#options.budget.onRoom(this.#wake)
        await this.#wakeup.wait()
        continue
      }
      this.#selection.update(this.#session)
      if (this.#session.size > 0) await this.#fetch()
      else await this.#wakeup.wait(this.#selection.heldForMs)
    }
  }

  async #fetch(): Promise<void> {
    const { settings, logger, events } = this.#options
    try {
      const connection = await this.#connect()
      if (connection === undefined) return
      const byName = this.#chooseNames(connection)
      const { response, memory } = await connection.requestRetained(
        fetch,
        {
          maxWaitMs: this.#selection.maxWaitMs(settings.fetchMaxWaitMs),
          minBytes: settings.fetchMinBytes,
          maxBytes: this.#options.maxFetchBytes(),
          isolationLevel: settings.isolationLevel === 'read_committed' ? 1 : 0,
          rackId: this.#options.rack(),
          ...this.#session.next()
        },
        byName ? { maxVersion: fetchMaxVersionByName } : {}
      )
      try {
        this.#take(response, memory)
      } finally {
        memory.release()
      }
      if (this.#isFailing) logger.info({ broker: this.nodeId }, 'The source broker is read again')
      this.#isFailing = false
      // A broker over its quota answers empty and says how long it will not read from us (KIP-219).
      if (response.throttleTimeMs > 0) await this.#pause(response.throttleTimeMs)
    } catch (thrown) {
      this.#session.reset()
      if (this.#isClosed) return
      this.#report(asError(thrown))
      events.lost(this.nodeId)
      // A defect of ours would loop as fast as it can: whatever failed, wait before the next try.
      await this.#pause(settings.retryBackoffMs)
    }
  }

  /** Undefined when closed meanwhile. */
  async #connect(): Promise<Connection | undefined> {
    if (this.#connection?.closed === false) return this.#connection
    this.#session.reset()
    const opening = this.#options.cluster.dataConnection(this.nodeId, 'fetch')
    const connection = await Promise.race([opening, this.#closing.promise])
    this.#connection = connection
    return connection
  }

  /**
   * Whether this request goes by topic names: where the broker speaks no version with ids (3.0 and older, though their
   * metadata has ids from 2.8 on), or a topic has none. Starts another session where that differs from the last request.
   */
  #chooseNames(connection: Connection): boolean {
    const version = connection.versionOf(fetch) ?? fetchMaxVersionByName
    const byName = version <= fetchMaxVersionByName || this.#session.needsNames
    if (byName === this.#session.byName) return byName
    this.#session = new FetchSession(this.#options.settings.maxPartitionFetchBytes, byName)
    this.#selection.refill(this.#session)
    return byName
  }

  /** What passes by itself is no news; what does not is told once, until the broker answers again. */
  #report(error: Error): void {
    const { logger, cluster } = this.#options
    const fields = { cluster: cluster.alias, broker: this.nodeId, err: error }
    const passes = error instanceof MirrorError && (error.retriable || error.code === 'MIRROR_CLOSED')
    if (passes || this.#isFailing) {
      logger.debug(fields, 'Fetch failed')
      return
    }
    this.#isFailing = true
    logger.error(fields, 'The source broker cannot be read; tried again until it can')
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
      const wasFull = this.#session.isFull
      this.#session.reset()
      // The broker has lost the session: a new one is asked for at once, but not in a loop.
      if (fetchSessionLost.has(response.errorCode) && !wasFull) return
      const message = `Fetch from broker ${this.nodeId}: ${brokerErrorName(response.errorCode)}`
      throw new MirrorError('MIRROR_BROKER', message, { retriable: true })
    }
    const batches: FetchedBatch[] = []
    try {
      for (const topic of response.topics) {
        for (const partition of topic.partitions) {
          // Moved to another broker, or its position was reset, while the request was on its way: not ours any more.
          const found = this.#session.find(topic.name, topic.topicId, partition.partition)
          if (found === undefined || found.cursor.isResolving) continue
          this.#takePartition({ ...found, response: partition }, memory, batches)
          this.#selection.note(found.cursor)
        }
      }
    } finally {
      // Cursors have moved behind these batches: whatever else fails, they must not be lost.
      if (batches.length > 0) this.#options.events.delivered(batches)
    }
    this.#session.accept(response.sessionId)
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
    try {
      cutBatches(fetched, memory, budget, batches)
      if (cursor.isBlocked) events.recovered(cursor)
    } catch (thrown) {
      const message = `Source ${this.#options.cluster.alias}: ${cursor.topic}-${cursor.partition} has bytes at offset ${cursor.position ?? 'unknown'} that are no record batch: repair or delete the segment on broker ${this.nodeId}`
      const cause = asError(thrown)
      events.failed(cursor, brokerErrors.CORRUPT_MESSAGE, new MirrorError('MIRROR_BATCH_INVALID', message, { cause }))
    }
    if (response.preferredReadReplica >= 0) events.preferredReplica(cursor, response.preferredReadReplica)
  }

  #refusal(cursor: FetchCursor, errorCode: number): MirrorError {
    const { alias } = this.#options.cluster
    return new MirrorError(
      'MIRROR_BROKER',
      `Source ${alias}: broker ${this.nodeId} refuses to read ${cursor.topic}-${cursor.partition} at offset ${cursor.position ?? 'unknown'}: ${brokerErrorName(errorCode)}. It is asked again; if that does not help, see to the Read right of this program and to the log of the broker`,
      { retriable: true }
    )
  }
}
