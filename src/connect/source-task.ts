import { type AckedRun, type RefusedRecords } from '../client/raw-producer.ts'
import { type SourceBatch, type SourcePartition } from './source-batch.ts'

export type { AckedRun, RefusedRecords } from '../client/raw-producer.ts'

/** What the runtime offers a task. */
export interface SourceTaskContext {
  /** Stored positions of these partitions, in their order; undefined where nothing is stored. */
  storedOffsets(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]>
}

/** A Connect source task whose unit is the batch. Calls never overlap, but for `stop` and the callbacks. */
export interface SourceTask {
  start(context: SourceTaskContext): Promise<void>
  /** Batches that arrived, waiting a while for the first; empty when there are none. In order per source partition. */
  poll(): Promise<readonly SourceBatch[]>
  /** The target acknowledged a batch. In order per source partition; must not throw. */
  batchSettled(batch: SourceBatch, runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void
  /** Called after each flush of positions that succeeded, also when there was nothing to store. */
  commit(): Promise<void>
  /** Ends a running poll and closes what the task opened. Batches that poll returned stay valid until released. */
  stop(): Promise<void>
}
