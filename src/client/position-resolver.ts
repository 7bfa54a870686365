import { type Clock, sleep } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { Wakeup } from '../base/wakeup.ts'
import { type ConsumerSettings, type IsolationLevel } from '../config/client-settings.ts'
import { brokerErrorName } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { type ListedOffset, listOffsets } from './list-offsets.ts'

/** Why source records between two offsets will not be read. The end is exclusive; -1n when it is not known. */
export interface SourceGap {
  readonly kind: 'retention' | 'truncated' | 'recreated'
  readonly fromOffset: bigint
  readonly toOffset: bigint
}

export interface PositionEvents {
  /** The cursor has a position and may be fetched. */
  resolved(cursor: FetchCursor): void
  gap(cursor: FetchCursor, gap: SourceGap): void
  /** There is no position to be had: `auto.offset.reset` is none, or the broker refuses to tell. */
  unresolved(cursor: FetchCursor, error: MirrorError): void
}

export interface PositionResolverOptions {
  readonly cluster: Cluster
  readonly settings: ConsumerSettings
  readonly events: PositionEvents
  readonly clock: Clock
  readonly logger: Logger
}

/** A broker that does not know an epoch says so to the very next fetch; what it says later has another reason. */
const keptForMs = 10_000

/**
 * Finds where to read from: for partitions without a stored position, and for those whose position the broker says is
 * not in the log. All that wait are asked about together.
 */
export class PositionResolver {
  readonly #options: PositionResolverOptions
  /** With the number of the request: an answer to an earlier one may speak of another topic. */
  readonly #waiting = new Map<FetchCursor, number>()
  /** Cursors whose topic was deleted and created again: they start over, whatever auto.offset.reset says. */
  readonly #recreated = new Set<FetchCursor>()
  /** Positions that were out of range and found to be in the log, and when. */
  readonly #kept = new WeakMap<FetchCursor, { readonly position: bigint; readonly atMs: number }>()
  readonly #closing = new AbortController()
  readonly #asked: Wakeup
  #lastRequest = 0
  #isRunning = false

  constructor(options: PositionResolverOptions) {
    this.#options = options
    this.#asked = new Wakeup(options.clock)
  }

  /** `recreated`: the position belongs to a topic of the same name that is gone. */
  resolve(cursor: FetchCursor, recreated = false): void {
    if (this.#closing.signal.aborted) return
    cursor.isResolving = true
    if (recreated) this.#recreated.add(cursor)
    this.#waiting.set(cursor, ++this.#lastRequest)
    this.#asked.notify()
    if (!this.#isRunning) void this.#run()
  }

  /** Looks at those that wait at once: leaders have changed. */
  wake(): void {
    this.#asked.notify()
  }

  /** Nothing is resolved after this. A request on its way is not waited for: its broker may never answer. */
  close(): void {
    this.#closing.abort()
    this.#asked.notify()
  }

  async #run(): Promise<void> {
    const { cluster, clock, settings } = this.#options
    const { signal } = this.#closing
    this.#isRunning = true
    // Callers that follow each other in one turn (a whole assignment) share one round of requests.
    await Promise.resolve()
    while (this.#waiting.size > 0 && !signal.aborted) {
      const asked = this.#lastRequest
      try {
        // Whoever is out of range may belong to a topic that was created anew, which only metadata tells.
        if (this.#needsMetadata()) await cluster.refreshed()
        await this.#round()
      } catch (thrown) {
        this.#failed(asError(thrown))
      }
      if (this.#waiting.size === 0) break
      // Those that are left wait for the next round; new ones do not. Never without a pause: a round can fail at once.
      await sleep(clock, settings.retryBackoffMs, signal)
      if (asked === this.#lastRequest) await this.#asked.wait(settings.retryBackoffMaxMs)
    }
    this.#isRunning = false
  }

  #needsMetadata(): boolean {
    for (const cursor of this.#waiting.keys()) {
      if (cursor.position !== undefined && !this.#recreated.has(cursor)) return true
    }
    return false
  }

  /** A partition without a leader is left for a later round: it must not keep the others waiting. */
  async #round(): Promise<void> {
    const { cluster, settings } = this.#options
    const known = this.#withLeader()
    if (known.length === 0) {
      await cluster.refreshed()
      known.push(...this.#withLeader())
    }
    // Where a position is compared with the log, its end counts; where to begin is decided by what may be read.
    const fresh = known.filter(([cursor]) => cursor.position === undefined)
    const placed = known.filter(([cursor]) => cursor.position !== undefined)
    await Promise.all([this.#list(fresh, settings.isolationLevel), this.#list(placed, 'read_uncommitted')])
  }

  #withLeader(): (readonly [FetchCursor, number])[] {
    const { cluster } = this.#options
    return [...this.#waiting].filter(([{ topic, partition }]) => cluster.leader(topic, partition) !== undefined)
  }

  async #list(requests: readonly (readonly [FetchCursor, number])[], isolation: IsolationLevel): Promise<void> {
    if (requests.length === 0) return
    const { cluster } = this.#options
    const options = { isolation, signal: this.#closing.signal }
    const query = (at: 'earliest' | 'latest') => requests.map(([{ topic, partition }]) => ({ topic, partition, at }))
    const [starts, ends] = await Promise.all([
      listOffsets(cluster, query('earliest'), options),
      listOffsets(cluster, query('latest'), options)
    ])
    if (this.#closing.signal.aborted) return
    for (const [index, [cursor, request]] of requests.entries()) {
      const start = starts[index]
      const end = ends[index]
      if (start === undefined || end === undefined || this.#waiting.get(cursor) !== request) continue
      this.#decide(cursor, start, end)
    }
  }

  /** What passes is tried again; what does not blocks all that wait. */
  #failed(error: Error): void {
    const { events, logger } = this.#options
    logger.debug({ err: error }, 'Source offsets could not be listed; trying again')
    if (!(error instanceof MirrorError) || error.retriable || error.code === 'MIRROR_CLOSED') return
    for (const cursor of this.#waiting.keys()) events.unresolved(cursor, error)
  }

  #decide(cursor: FetchCursor, start: ListedOffset, end: ListedOffset): void {
    const { events, cluster } = this.#options
    const errorCode = start.errorCode === 0 ? end.errorCode : start.errorCode
    if (errorCode !== 0) {
      const message = `${cluster.alias}: no position for ${cursor.topic}-${cursor.partition}: ${brokerErrorName(errorCode)}`
      events.unresolved(cursor, new MirrorError('MIRROR_BROKER', message, { retriable: true }))
      return
    }
    const position = this.#choose(cursor, start.offset, end.offset)
    if (position === undefined) {
      const message = `${cluster.alias}: ${cursor.topic}-${cursor.partition} has no usable position (log ${start.offset} to ${end.offset}) and auto.offset.reset is none: set it to earliest or latest`
      events.unresolved(cursor, new MirrorError('MIRROR_BROKER', message))
      return
    }
    this.#waiting.delete(cursor)
    this.#recreated.delete(cursor)
    // A position that stays keeps the epoch of what was read before it: by that the broker sees where the logs part, if it
    // was out of range because the log had been cut, and the log has grown beyond it only since.
    if (position !== cursor.position) cursor.resetTo(position)
    cursor.isResolving = false
    cursor.logStartOffset = start.offset
    cursor.highWatermark = end.offset
    events.resolved(cursor)
  }

  #choose(cursor: FetchCursor, start: bigint, end: bigint): bigint | undefined {
    const { settings, events } = this.#options
    const { position } = cursor
    if (this.#recreated.has(cursor)) {
      if (position !== undefined) events.gap(cursor, { kind: 'recreated', fromOffset: position, toOffset: -1n })
      return start
    }
    if (position !== undefined && position >= start && position <= end && this.#keep(cursor, position)) return position
    if (settings.autoOffsetReset === 'none') return undefined
    if (position === undefined) return settings.autoOffsetReset === 'latest' ? end : start
    if (position < start) {
      // The reference jumps to the end here under `latest`; nothing is gained by losing what is still there.
      events.gap(cursor, { kind: 'retention', fromOffset: position, toOffset: start })
      return start
    }
    events.gap(cursor, { kind: 'truncated', fromOffset: position > end ? end : start, toOffset: position })
    return settings.autoOffsetReset === 'latest' ? end : start
  }

  /**
   * Keeps a position that is in the log. False when that was done just before, and the broker said once more that it is not:
   * it does not know the epoch of what was read last. That came from another log, and nobody can tell where the two part.
   */
  #keep(cursor: FetchCursor, position: bigint): boolean {
    const atMs = this.#options.clock.monotonic()
    const before = this.#kept.get(cursor)
    this.#kept.set(cursor, { position, atMs })
    return before?.position !== position || atMs - before.atMs >= keptForMs
  }
}
