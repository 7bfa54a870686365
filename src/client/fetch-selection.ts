import { type Clock } from '../base/clock.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { type FetchSession } from './fetch-session.ts'

export interface FetchSelectionOptions {
  /** A partition with more than this outstanding is left out, so that a slow target partition cannot fill the budget. */
  readonly shareBytes: number
  readonly clock: Clock
  /** Something has happened to a cursor. */
  readonly wake: () => void
}

/** Longest wait at the broker while a partition is over its share: it must not wait for quiet siblings. */
const shortWaitMs = 20

/**
 * Which of a broker's cursors its next fetch asks for. Between two requests only those are looked at that something
 * happened to, so that idle partitions cost nothing.
 */
export class FetchSelection {
  readonly #options: FetchSelectionOptions
  readonly #cursors = new Set<FetchCursor>()
  /** Something happened to them since they were looked at. */
  readonly #touched = new Set<FetchCursor>()
  /** Looked at, and not to be fetched yet. */
  readonly #held = new Set<FetchCursor>()
  #heldForMs: number | undefined
  #isOverShare = false

  constructor(options: FetchSelectionOptions) {
    this.#options = options
  }

  get cursors(): ReadonlySet<FetchCursor> {
    return this.#cursors
  }

  /** After how long a held cursor is worth another look; undefined when none is, or an event will tell. */
  get heldForMs(): number | undefined {
    return this.#heldForMs
  }

  add(cursor: FetchCursor): void {
    this.#cursors.add(cursor)
    this.touch(cursor)
  }

  remove(cursor: FetchCursor): void {
    this.#cursors.delete(cursor)
    this.#touched.delete(cursor)
    this.#held.delete(cursor)
  }

  /** Looks at the cursor before the next request: it was changed. */
  touch(cursor: FetchCursor): void {
    if (!this.#cursors.has(cursor)) return
    this.#touched.add(cursor)
    this.#options.wake()
  }

  /** As `touch`, by the fetch loop itself, which goes on anyway. */
  note(cursor: FetchCursor): void {
    if (this.#cursors.has(cursor)) this.#touched.add(cursor)
  }

  /** Takes touched and held cursors into the session, or out of it. */
  update(session: FetchSession): void {
    for (const cursor of this.#touched) this.#held.add(cursor)
    this.#touched.clear()
    this.#heldForMs = undefined
    this.#isOverShare = false
    const nowMs = this.#options.clock.monotonic()
    for (const cursor of this.#held) {
      if (this.#isFetchable(cursor, nowMs)) {
        this.#held.delete(cursor)
        session.ask(cursor)
      } else session.drop(cursor)
    }
  }

  /** The same for a session that knows none of the cursors yet. */
  refill(session: FetchSession): void {
    for (const cursor of this.#cursors) this.#touched.add(cursor)
    this.update(session)
  }

  /** Brokers answer when there is something to read, or after this long: then held partitions are looked at again. */
  maxWaitMs(longestMs: number): number {
    if (this.#isOverShare) return Math.min(shortWaitMs, longestMs)
    if (this.#heldForMs === undefined) return longestMs
    return Math.min(longestMs, Math.ceil(Math.max(shortWaitMs, this.#heldForMs)))
  }

  /** When not, then what makes it so will wake the loop. */
  #isFetchable(cursor: FetchCursor, nowMs: number): boolean {
    // Whoever finds the position touches the cursor.
    if (cursor.position === undefined || cursor.isResolving) return false
    const waitMs = cursor.retryAtMs - nowMs
    if (waitMs > 0) {
      this.#heldForMs = Math.min(waitMs, this.#heldForMs ?? waitMs)
      return false
    }
    const { shareBytes, wake } = this.#options
    if (cursor.outstandingBytes < shareBytes) return true
    this.#isOverShare = true
    cursor.wakeBelow(shareBytes, wake)
    return false
  }
}
