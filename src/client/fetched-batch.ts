import { type FrameMemory } from '../net/connection.ts'
import { type BatchVerdict } from '../wire/aborted-transactions.ts'
import { batchBaseOffset, batchEnd, batchLastOffset, batchLeaderEpoch } from '../wire/record-batch.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type FetchCursor } from './fetch-cursor.ts'

export interface FetchedBatchFields {
  readonly cursor: FetchCursor
  readonly records: Buffer
  readonly magic: number
  /** Offset of the last record, or of the last offset that the batch stands for when records were compacted away. */
  readonly lastOffset: bigint
  /** First offset that is new: what lies below in this batch was read before (brokers return whole batches). */
  readonly wantedOffset: bigint
  /** Epoch of what was read before it, -1 where that is not known: by it a broker tells whether its log is still the same. */
  readonly previousEpoch: number
  /** Whether it is data to mirror, a control batch, or (under read_committed) data of an aborted transaction. */
  readonly verdict: BatchVerdict
  /** How many batches `records` holds: more than one only for a run, of one codec and with consecutive offsets. */
  readonly batchCount: number
  /** Whether it is a run of batches so small that they should go as one. */
  readonly isToMerge: boolean
  /** Of the topic that this was read from; its name may stand for another one by now. */
  readonly topicId: Buffer | null
  readonly memory: FrameMemory
  readonly budget: ByteBudget
}

/**
 * A record batch as the broker sent it, or a run of batches that lie side by side, or a run of magic 0 and 1 messages: a
 * view into the response's memory. Whoever has it releases it once, after which its bytes are overwritten by a later
 * response.
 */
export class FetchedBatch {
  readonly cursor: FetchCursor
  readonly records: Buffer
  readonly magic: number
  readonly lastOffset: bigint
  readonly wantedOffset: bigint
  readonly previousEpoch: number
  readonly verdict: BatchVerdict
  readonly batchCount: number
  readonly isToMerge: boolean
  readonly topicId: Buffer | null
  #memory: FrameMemory
  readonly #budget: ByteBudget

  constructor(fields: FetchedBatchFields) {
    this.cursor = fields.cursor
    this.records = fields.records
    this.magic = fields.magic
    this.lastOffset = fields.lastOffset
    this.wantedOffset = fields.wantedOffset
    this.previousEpoch = fields.previousEpoch
    this.verdict = fields.verdict
    this.batchCount = fields.batchCount
    this.isToMerge = fields.isToMerge
    this.topicId = fields.topicId
    this.#memory = fields.memory
    this.#budget = fields.budget
    this.#memory.retain()
    this.#budget.take(this.records.length)
    this.cursor.take(this.records.length)
  }

  /** The batches of a run, one by one, in the place of this one. */
  split(): FetchedBatch[] {
    const parts: FetchedBatch[] = []
    const { cursor, records, magic, verdict, topicId } = this
    let { previousEpoch } = this
    for (let at = 0, end; (end = batchEnd(records, at)) > 0; at = end) {
      const batch = records.subarray(at, end)
      const [wantedOffset, lastOffset] = [batchBaseOffset(records, at), batchLastOffset(records, at)]
      const own = { cursor, records: batch, magic, lastOffset, wantedOffset, previousEpoch, verdict, topicId }
      const alone = { batchCount: 1, isToMerge: false }
      parts.push(new FetchedBatch({ ...own, ...alone, memory: this.#memory, budget: this.#budget }))
      previousEpoch = batchLeaderEpoch(records, at)
    }
    this.release()
    return parts
  }

  /**
   * What is sent lies elsewhere now: gives the receive buffer back, and `memory`, which is retained for this, at `release`.
   * What the fetched bytes count for stays taken until then.
   */
  moveTo(memory: FrameMemory): void {
    this.#memory.release()
    this.#memory = memory
  }

  release(): void {
    this.#memory.release()
    this.#budget.give(this.records.length)
    this.cursor.give(this.records.length)
  }
}
