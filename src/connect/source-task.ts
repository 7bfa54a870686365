import { type AckedRun, type RefusedRecords } from '../client/raw-producer.ts'
import { type SourceBatch, type SourcePartition } from './source-batch.ts'

export type { AckedRun, RefusedRecords } from '../client/raw-producer.ts'

/** What the runtime offers a task. */
export interface SourceTaskContext {
  /** Stored positions of these partitions, in their order; undefined where nothing is stored. */
  storedOffsets(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]>
  /** Whether this worker is surely a member of its group. While it is not, a task writes nothing: others may do its work. */
  isLeaseHeld(): boolean
  /** Whether `records` of a batch may hold several record batches: without transforms and converters. Default false. */
  readonly acceptsRuns?: boolean
}

/**
 * A Connect source task whose unit is the batch. Calls of `start` and `poll` never overlap, nor do those of `prepareCommit`
 * and `commit`; the latter go on after `stop`, until `close`.
 */
export interface SourceTask {
  /**
   * No position is stored from the first batch on of which the target refused records for good, for a task that is to fail
   * there until an operator acts. Default false: they are left out.
   */
  readonly stopsAtRefusal?: boolean
  start(context: SourceTaskContext): Promise<void>
  /** Batches that arrived, waiting a while for the first; empty when there are none. In order per source partition. */
  poll(): Promise<readonly SourceBatch[]>
  /**
   * A batch that `poll` returned, or a part that transforms made of one, is done with, and so are all before it of its source
   * partition: the target acknowledged it, or it had no records (then without runs). In order per source partition, what is
   * told here is what may be stored next. Its memory may be given back already. Must not throw.
   */
  batchSettled(batch: SourceBatch, runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void
  /**
   * Called before positions are stored, for what must not be lost when they are; they are of batches that were settled
   * before the call. When it rejects they are not stored, and tried again at the next flush.
   */
  prepareCommit?(): Promise<void>
  /** Called after each flush of positions that succeeded, also when there was nothing to store. */
  commit(): Promise<void>
  /** Ends a running poll and closes what it needs. Batches that poll returned stay valid until released. */
  stop(): Promise<void>
  /** After `stop` and the last commit, or at once when the task is given up: closes what the commits need. */
  close?(): Promise<void>
}
