import {
  batchBytes,
  batchHeaderBytes,
  batchLastOffset,
  batchProducerId,
  isControlBatch,
  isTransactionalBatch,
  batchRecordCount
} from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'

/** An entry of a fetch response's aborted list: all of the producer's data from here to its next marker. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export type BatchVerdict = 'data' | 'control' | 'aborted'

/**
 * Tells data from control batches and aborted data in one partition of one fetch response, by header alone: a batch
 * belongs to one producer. Made for each response, from its own list: the broker repeats what is still open.
 * For read_uncommitted pass an empty list.
 */
export class AbortedTransactions {
  /** Sorted by first offset; those before #next are active or done. */
  readonly #pending: readonly AbortedTransaction[]
  readonly #active = new Set<bigint>()
  #next = 0

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending =
      aborted.length < 2
        ? aborted
        : aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : a.firstOffset > b.firstOffset ? 1 : 0))
  }

  /** What to do with the magic 2 batch at `at`: batches must be asked about in order, each once. */
  verdict(buffer: Buffer, at: number): BatchVerdict {
    const control = isControlBatch(buffer, at)
    if (this.#pending.length === 0) return control ? 'control' : 'data'
    this.#activate(batchLastOffset(buffer, at))
    if (control) {
      if (controlType(buffer, at) === 'abort') this.#active.delete(batchProducerId(buffer, at))
      return 'control'
    }
    const aborted =
      this.#active.size > 0 && isTransactionalBatch(buffer, at) && this.#active.has(batchProducerId(buffer, at))
    return aborted ? 'aborted' : 'data'
  }

  #activate(lastOffset: bigint): void {
    let next = this.#pending[this.#next]
    while (next !== undefined && next.firstOffset <= lastOffset) {
      this.#active.add(next.producerId)
      next = this.#pending[++this.#next]
    }
  }
}

/**
 * What a control batch marks. `other`: a type of a later Kafka (leader change, snapshot), or the empty batch that a
 * cleaner leaves. Control records are never compressed.
 *
 *   key => version INT16, type INT16 (0 abort, 1 commit)
 */
export function controlType(buffer: Buffer, at: number): 'abort' | 'commit' | 'other' {
  if (batchRecordCount(buffer, at) === 0) return 'other'
  const cursor = new RecordCursor(buffer, at + batchHeaderBytes, at + batchBytes(buffer, at))
  cursor.next()
  // The key has 4 bytes, so its length is the one byte 08 in zigzag.
  const keyAt = cursor.restAt + 1
  if (buffer[cursor.restAt] !== 8 || keyAt + 4 > cursor.recordEnd) return 'other'
  const type = buffer.readInt16BE(keyAt + 2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}
