import { type FrameMemory } from '../net/connection.ts'
import { type BatchVerdict } from '../wire/aborted-transactions.ts'
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
  /** Whether it is data to mirror, a control batch, or (under read_committed) data of an aborted transaction. */
  readonly verdict: BatchVerdict
  readonly memory: FrameMemory
  readonly budget: ByteBudget
}

/**
 * One record batch as the broker sent it: a view into the response's memory, or for magic 0 and 1 a run of messages.
 * Whoever has it releases it once, after which its bytes are overwritten by a later response.
 */
export class FetchedBatch {
  readonly cursor: FetchCursor
  readonly records: Buffer
  readonly magic: number
  readonly lastOffset: bigint
  readonly wantedOffset: bigint
  readonly verdict: BatchVerdict
  /** Of the topic that this was read from; its name may stand for another one by now. */
  readonly topicId: Buffer | null
  readonly #memory: FrameMemory
  readonly #budget: ByteBudget

  constructor(fields: FetchedBatchFields) {
    this.cursor = fields.cursor
    this.records = fields.records
    this.magic = fields.magic
    this.lastOffset = fields.lastOffset
    this.wantedOffset = fields.wantedOffset
    this.verdict = fields.verdict
    this.topicId = fields.cursor.topicId
    this.#memory = fields.memory
    this.#budget = fields.budget
    this.#memory.retain()
    this.#budget.take(this.records.length)
    this.cursor.take(this.records.length)
  }

  release(): void {
    this.#memory.release()
    this.#budget.give(this.records.length)
    this.cursor.give(this.records.length)
  }
}
