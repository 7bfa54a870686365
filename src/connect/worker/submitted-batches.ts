import { RingBuffer } from '../../base/ring-buffer.ts'
import { type SourcePartition } from '../source-batch.ts'

/** A batch that was handed to the producer, or a stretch of source offsets that needs no record at the target. */
export interface SubmittedBatch {
  readonly lastOffset: bigint
  isSettled: boolean
  /**
   * Called once, when it and all before it of its source partition are settled. False: no position of it, or of what is
   * behind it, may ever be stored. Must not throw.
   */
  passed?(): boolean
}

interface PartitionQueue {
  readonly pending: RingBuffer<SubmittedBatch>
  /** Last source offset of the longest settled prefix. */
  settledOffset: bigint | undefined
  /** Whether settledOffset moved since the last snapshot. */
  isChanged: boolean
  /** Nothing passes any more. */
  isHeld: boolean
}

/** A source position that may be stored: everything up to and including `offset` is at the target. */
export interface CommittableOffset {
  readonly partition: SourcePartition
  readonly offset: bigint
}

/**
 * In-order acknowledgement: of each source partition only the longest settled prefix may be committed (spec A.4), since a
 * position stored beyond an unsettled batch loses that batch when the process dies.
 */
export class SubmittedBatches {
  readonly #queues = new Map<SourcePartition, PartitionQueue>()
  #pendingCount = 0

  /** Batches not yet settled, or settled behind an unsettled one. */
  get pendingCount(): number {
    return this.#pendingCount
  }

  submit(sourcePartition: SourcePartition, batch: SubmittedBatch): void {
    let queue = this.#queues.get(sourcePartition)
    if (queue === undefined) {
      queue = { pending: new RingBuffer(), settledOffset: undefined, isChanged: false, isHeld: false }
      this.#queues.set(sourcePartition, queue)
    }
    queue.pending.push(batch)
    this.#pendingCount += 1
    if (batch.isSettled) this.#advance(queue)
  }

  settle(sourcePartition: SourcePartition, batch: SubmittedBatch): void {
    batch.isSettled = true
    const queue = this.#queues.get(sourcePartition)
    if (queue !== undefined) this.#advance(queue)
  }

  /** Positions that moved since the last call. A caller that fails to store them gives them back with `restore`. */
  takeCommittable(): CommittableOffset[] {
    const offsets: CommittableOffset[] = []
    for (const [partition, queue] of this.#queues) {
      if (!queue.isChanged || queue.settledOffset === undefined) continue
      queue.isChanged = false
      offsets.push({ partition, offset: queue.settledOffset })
    }
    return offsets
  }

  /** Marks positions that could not be stored, so that the next snapshot has them again, or newer ones. */
  restore(offsets: readonly CommittableOffset[]): void {
    for (const { partition } of offsets) {
      const queue = this.#queues.get(partition)
      if (queue !== undefined) queue.isChanged = true
    }
  }

  #advance(queue: PartitionQueue): void {
    if (queue.isHeld) return
    for (let head = queue.pending.peek(); head?.isSettled === true; head = queue.pending.peek()) {
      if (head.passed?.() === false) {
        queue.isHeld = true
        return
      }
      // A task may stand still (heartbeats are all at 0): what is stored already needs no request a second.
      if (queue.settledOffset !== head.lastOffset) queue.isChanged = true
      queue.settledOffset = head.lastOffset
      queue.pending.shift()
      this.#pendingCount -= 1
    }
  }
}
