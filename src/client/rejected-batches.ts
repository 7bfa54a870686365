import { type FetchCursor } from './fetch-cursor.ts'
import { type FetchedBatch } from './fetched-batch.ts'

/**
 * Keeps the account of batches that the reader gave back because it cannot use them. Such a batch is read and handed out
 * again, and counts as taken once the reader comes for more without having given it back again.
 */
export class RejectedBatches {
  readonly #taken: (cursor: FetchCursor) => void
  /** Given back before, and now with the reader once more. */
  readonly #onTrial = new Set<FetchCursor>()
  #count = 0

  /** `taken` is told of each cursor whose batch the reader took in the end. */
  constructor(taken: (cursor: FetchCursor) => void) {
    this.#taken = taken
  }

  add({ cursor, wantedOffset }: FetchedBatch): void {
    this.#onTrial.delete(cursor)
    if (cursor.rejectedOffset === undefined) this.#count += 1
    cursor.rejectedOffset = wantedOffset
  }

  /** The reader gets these batches. */
  handOut(batches: readonly FetchedBatch[]): void {
    if (this.#count === 0) return
    for (const { cursor, lastOffset } of batches) {
      if (cursor.rejectedOffset !== undefined && lastOffset >= cursor.rejectedOffset) this.#onTrial.add(cursor)
    }
  }

  /** The reader comes for more: what it has not given back again, it took. */
  endTrials(): void {
    for (const cursor of this.#onTrial) {
      this.settle(cursor)
      this.#taken(cursor)
    }
    this.#onTrial.clear()
  }

  /** The batch was taken, or is gone. */
  settle(cursor: FetchCursor): void {
    if (cursor.rejectedOffset === undefined) return
    cursor.rejectedOffset = undefined
    this.#count -= 1
  }
}
