import { type SourceBatch, sourceOffsetOf, type SourcePartition } from '../source-batch.ts'

/** Gives an original back once all its parts are released. */
class SharedRelease {
  readonly #original: SourceBatch
  #parts: number

  constructor(original: SourceBatch, parts: number) {
    this.#original = original
    this.#parts = parts
  }

  release(): void {
    this.#parts -= 1
    if (this.#parts === 0) this.#original.release()
  }
}

export interface BatchPart {
  readonly targetTopic: string
  readonly targetPartition: number
  /** A dense batch, or empty without records. */
  readonly records: Buffer
  /** Index in the original of each record, rising; null when all are there. */
  readonly originalIndexes: readonly number[] | null
}

/** A batch that a pipeline made of (a part of) a batch of the task. */
export class TransformedBatch implements SourceBatch {
  /** What the task had returned: what `batchSettled` knows. */
  readonly original: SourceBatch
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly targetTopic: string
  readonly targetPartition: number
  readonly recordCount: number
  readonly records: Buffer
  readonly #originalIndexes: readonly number[] | null
  readonly #release: SharedRelease

  private constructor(original: SourceBatch, part: BatchPart, lastOffset: bigint, release: SharedRelease) {
    this.original = original
    this.#originalIndexes = part.originalIndexes
    this.recordCount = part.originalIndexes?.length ?? original.recordCount
    this.firstOffset = this.recordCount === 0 ? original.firstOffset : this.sourceOffset(0)
    this.lastOffset = lastOffset
    this.targetTopic = part.targetTopic
    this.targetPartition = part.targetPartition
    this.records = part.records
    this.#release = release
  }

  /**
   * The parts of a batch, which must be ordered by their first record. Each but the last moves the position up to before
   * the first record of the next part only: what is stored never passes a record that is not acknowledged. The last one
   * moves it to the original's end, over records that were dropped.
   */
  static partsOf(original: SourceBatch, parts: readonly BatchPart[]): TransformedBatch[] {
    const release = new SharedRelease(original, parts.length)
    return parts.map((part, index) => {
      const next = parts[index + 1]?.originalIndexes?.[0]
      const lastOffset = next === undefined ? original.lastOffset : sourceOffsetOf(original, next) - 1n
      return new TransformedBatch(original, part, lastOffset, release)
    })
  }

  get sourcePartition(): SourcePartition {
    return this.original.sourcePartition
  }

  /** Index in the original batch of the record at `index`. */
  originalIndex(index: number): number {
    return this.#originalIndexes?.[index] ?? index
  }

  sourceOffset(index: number): bigint {
    return sourceOffsetOf(this.original, this.originalIndex(index))
  }

  release(): void {
    this.#release.release()
  }
}
