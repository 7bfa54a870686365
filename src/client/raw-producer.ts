import { type MirrorError } from '../base/errors.ts'
import { type TopicPartition } from './topic-partition.ts'

/** Where a stretch of a batch's records ended up: record `firstIndex + i` is at target offset `baseOffset + i`. */
export interface AckedRun {
  readonly firstIndex: number
  readonly count: number
  /** -1n when the broker did not tell (it answered DUPLICATE_SEQUENCE_NUMBER). */
  readonly baseOffset: bigint
}

/** Records that the target refuses for good because each is too large by itself; they were left out, and that is logged. */
export interface RefusedRecords {
  readonly firstIndex: number
  readonly count: number
  readonly error: MirrorError
}

/** A record batch on its way to the target, or several of one partition that are followed as one. */
export interface OutgoingBatch {
  /**
   * Magic 2 batches, one behind the other, with dense offsets (`lastOffsetDelta == count - 1`), not control. Each goes in
   * another request. Their headers are patched in place.
   */
  readonly records: Buffer
  /** Of all of them. */
  readonly recordCount: number
  /**
   * Called once, in order per partition, when the target has acknowledged all that it will ever take of this batch.
   * `runs` is one run of the whole batch but where others wrote in between, or for split or refused ones. Must not throw.
   */
  settled(runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void
}

export interface PartitionStateListener {
  /** The partition cannot go on until an operator acts; it is retried slowly. Once per change of state, and already logged. */
  blocked(partition: TopicPartition, error: MirrorError): void
  resumed(partition: TopicPartition): void
}

/**
 * Writes whole record batches: order kept per partition, idempotent with acks=all, never a partition twice in a request,
 * retries byte-identical. It retries for ever: a batch ends settled, or unsettled when the producer is closed.
 */
export interface RawProducer {
  /**
   * Queues a batch. Never blocks: whoever feeds the producer bounds what is outstanding. What one turn of the program sends
   * goes out together. After `close` it does nothing.
   */
  send(topic: string, partition: number, batch: OutgoingBatch): void
  /** Batches queued or in flight. */
  readonly outstandingBatches: number
  /** Resolves when everything sent before is settled, or `timeoutMs` has passed (then false). */
  flush(timeoutMs: number): Promise<boolean>
  close(): Promise<void>
}
