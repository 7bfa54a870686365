import { type Clock, sleep } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type ConsumerSettings } from '../config/client-settings.ts'
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

/**
 * Finds where to read from: for partitions without a stored position, and for those whose position the broker says is
 * not in the log. All that wait are asked about together.
 */
export class PositionResolver {
  readonly #options: PositionResolverOptions
  readonly #waiting = new Set<FetchCursor>()
  /** Cursors whose topic was deleted and created again: they start over, whatever auto.offset.reset says. */
  readonly #recreated = new Set<FetchCursor>()
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: PositionResolverOptions) {
    this.#options = options
  }

  /** `recreated`: the position belongs to a topic of the same name that is gone. */
  resolve(cursor: FetchCursor, recreated = false): void {
    if (this.#closing.signal.aborted) return
    cursor.isResolving = true
    if (recreated) this.#recreated.add(cursor)
    this.#waiting.add(cursor)
    this.#running ??= this.#run()
  }

  forget(cursor: FetchCursor): void {
    this.#waiting.delete(cursor)
    this.#recreated.delete(cursor)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, settings, logger } = this.#options
    const { signal } = this.#closing
    // Callers that follow each other in one turn (a whole assignment) share one round of requests.
    await Promise.resolve()
    while (this.#waiting.size > 0 && !signal.aborted) {
      const cursors = [...this.#waiting]
      try {
        await this.#round(cursors)
      } catch (thrown) {
        logger.debug({ err: asError(thrown) }, 'Source offsets could not be listed; trying again')
      }
      if (this.#waiting.size > 0) await sleep(clock, settings.retryBackoffMaxMs, signal)
    }
    this.#running = undefined
  }

  async #round(cursors: readonly FetchCursor[]): Promise<void> {
    const { cluster, settings } = this.#options
    const query = (at: 'earliest' | 'latest') => cursors.map(({ topic, partition }) => ({ topic, partition, at }))
    const options = { isolation: settings.isolationLevel, signal: this.#closing.signal }
    const [starts, ends] = await Promise.all([
      listOffsets(cluster, query('earliest'), options),
      listOffsets(cluster, query('latest'), options)
    ])
    for (const [index, cursor] of cursors.entries()) {
      const start = starts[index]
      const end = ends[index]
      if (start === undefined || end === undefined || !this.#waiting.has(cursor)) continue
      this.#decide(cursor, start, end)
    }
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
    this.forget(cursor)
    cursor.position = position
    cursor.lastFetchedEpoch = -1
    cursor.isResolving = false
    cursor.logStartOffset = start.offset
    cursor.highWatermark ??= end.offset
    events.resolved(cursor)
  }

  #choose(cursor: FetchCursor, start: bigint, end: bigint): bigint | undefined {
    const { settings, events } = this.#options
    const { position } = cursor
    if (this.#recreated.has(cursor)) {
      events.gap(cursor, { kind: 'recreated', fromOffset: position ?? -1n, toOffset: -1n })
      return start
    }
    if (position !== undefined && position >= start && position <= end) return position
    if (settings.autoOffsetReset === 'none') return undefined
    if (position === undefined) return settings.autoOffsetReset === 'latest' ? end : start
    if (position < start) {
      // The reference jumps to the end here under `latest`; nothing is gained by losing what is still there.
      events.gap(cursor, { kind: 'retention', fromOffset: position, toOffset: start })
      return start
    }
    events.gap(cursor, { kind: 'truncated', fromOffset: end, toOffset: position })
    return settings.autoOffsetReset === 'latest' ? end : start
  }
}
