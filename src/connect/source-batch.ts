/**
 * A Connect source partition: the map that a source position is stored under. One object per partition for the life of a
 * task, so that it can be compared by identity. Member order is kept: it is part of the stored key's bytes (spec 5.4).
 */
export interface SourcePartition {
  readonly fields: Readonly<Record<string, string | number>>
}

/**
 * The unit of the runtime: a whole record batch of one source partition, or a run of them, on its way to one target
 * partition. Records are decoded only when something asks.
 */
export interface SourceBatch {
  readonly sourcePartition: SourcePartition
  /** Source offset of the first record. */
  readonly firstOffset: bigint
  /** Source offset to be stored once this batch and all before it are acknowledged. */
  readonly lastOffset: bigint
  readonly targetTopic: string
  readonly targetPartition: number
  /** 0: nothing to send, only a position to move over (control batch, hole, aborted data). */
  readonly recordCount: number
  /**
   * A magic 2 batch with dense offsets that the target will take; empty when recordCount is 0. Several, one behind the other,
   * where the task was told that it may (`acceptsRuns`).
   */
  readonly records: Buffer
  /** Source offset of the record at `index`; where it is absent they are consecutive from `firstOffset` on. */
  sourceOffset?(index: number): bigint
  /** Gives back the memory and the budget of this batch. Called once, after which `records` must not be touched. */
  release(): void
}

/** Source offset of the record at `index` of a batch. */
export function sourceOffsetOf(batch: SourceBatch, index: number): bigint {
  return batch.sourceOffset?.(index) ?? batch.firstOffset + BigInt(index)
}
