import { type FetchPartitionResponse } from '../wire/api/01-fetch.ts'
import { AbortedTransactions, type BatchVerdict } from '../wire/aborted-transactions.ts'
import { canCoalesce } from '../wire/coalesce.ts'
import { batchBaseOffset, batchEnd, batchLastOffset, batchMagic, batchOffsets } from '../wire/record-batch.ts'
import { type FrameMemory } from '../net/connection.ts'
import { type ByteBudget } from './byte-budget.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { FetchedBatch } from './fetched-batch.ts'

export interface FetchedPartition {
  readonly cursor: FetchCursor
  /** Offset that was asked for. */
  readonly position: bigint
  readonly response: FetchPartitionResponse
}

/**
 * Below this a batch is worth merging with its neighbours: brokers take one batch a partition a request, and each batch
 * costs a few objects on its way. Merging batches of 64 KiB doubles the CPU for nothing (measured).
 */
const smallBatchBytes = 8 * 1024
/** Half of the default `max.message.bytes`, so that a merged batch is taken where nobody lowered that. */
const longestRunBytes = 512 * 1024

/**
 * Cuts one partition of a fetch response into batches, moves the cursor behind the last whole one, and appends them to
 * `into`. Headers alone are read. Small batches that lie side by side and can be merged stay together, as a run. A batch
 * that the broker cut short is left for the next fetch; a batch without records still moves the cursor (compaction keeps
 * such for producer state). Throws ProtocolError on bytes that are no batch: what came before them is delivered, the
 * cursor stands at them.
 */
export function cutBatches(
  fetched: FetchedPartition,
  memory: FrameMemory,
  budget: ByteBudget,
  into: FetchedBatch[]
): void {
  const cutter = new BatchCutter(fetched, memory, budget, into)
  try {
    cutter.cut()
  } finally {
    cutter.endRun()
  }
}

class BatchCutter {
  readonly #fetched: FetchedPartition
  readonly #memory: FrameMemory
  readonly #budget: ByteBudget
  readonly #into: FetchedBatch[]
  /** First offset that has not been seen. */
  #wantedOffset: bigint
  /** The run that is being gathered: batches in [start, end) of the response; none while the count is 0. */
  #runStart = 0
  #runEnd = 0
  #runCount = 0
  #runWantedOffset = -1n
  #runLastOffset = -1n

  constructor(fetched: FetchedPartition, memory: FrameMemory, budget: ByteBudget, into: FetchedBatch[]) {
    this.#fetched = fetched
    this.#memory = memory
    this.#budget = budget
    this.#into = into
    this.#wantedOffset = fetched.position
  }

  cut(): void {
    const { cursor, response } = this.#fetched
    const { records } = response
    const transactions = new AbortedTransactions(response.abortedTransactions)
    for (let at = 0, end; (end = batchEnd(records, at)) > 0; at = end) {
      const magic = batchMagic(records, at)
      if (magic < 2) end = legacyRunEnd(records, end)
      const lastOffset = magic < 2 ? legacyLastOffset(records, at, end) : batchLastOffset(records, at)
      const verdict = magic < 2 ? 'data' : transactions.verdict(records, at)
      // The first batch can begin below the position: brokers return it whole. Later ones begin behind the one before,
      // but for what brokers 0.11 and 1.0 took with gaps and stored with overlapping offsets; each offset is read once.
      if (lastOffset < this.#wantedOffset) continue
      if (verdict === 'data' && end - at < smallBatchBytes && this.#canMerge(records, at)) {
        this.#addToRun(at, end, lastOffset)
      } else {
        this.endRun()
        this.#deliver({ start: at, end, wantedOffset: this.#wantedOffset, lastOffset, verdict, batchCount: 1 })
      }
      this.#wantedOffset = lastOffset + 1n
      cursor.position = this.#wantedOffset
      if (magic === 2) cursor.lastFetchedEpoch = records.readInt32BE(at + batchOffsets.leaderEpoch)
    }
  }

  /** Delivers what has been gathered. */
  endRun(): void {
    if (this.#runCount === 0) return
    this.#deliver({
      start: this.#runStart,
      end: this.#runEnd,
      wantedOffset: this.#runWantedOffset,
      lastOffset: this.#runLastOffset,
      verdict: 'data',
      batchCount: this.#runCount
    })
    this.#runCount = 0
  }

  /** Within a run offsets are dense, so that it is to the target like one batch of the source. */
  #canMerge(records: Buffer, at: number): boolean {
    return canCoalesce(records, at) && batchBaseOffset(records, at) === this.#wantedOffset
  }

  #addToRun(start: number, end: number, lastOffset: bigint): void {
    if (this.#runCount > 0 && end - this.#runStart > longestRunBytes) this.endRun()
    if (this.#runCount === 0) {
      this.#runStart = start
      this.#runWantedOffset = this.#wantedOffset
    }
    this.#runEnd = end
    this.#runLastOffset = lastOffset
    this.#runCount += 1
  }

  #deliver(cut: {
    readonly start: number
    readonly end: number
    readonly wantedOffset: bigint
    readonly lastOffset: bigint
    readonly verdict: BatchVerdict
    readonly batchCount: number
  }): void {
    const { cursor, response } = this.#fetched
    const { wantedOffset, lastOffset, verdict, batchCount } = cut
    const records = response.records.subarray(cut.start, cut.end)
    const magic = batchMagic(records, 0)
    const { topicId } = cursor
    const [memory, budget] = [this.#memory, this.#budget]
    // Spelled out: a spread in here costs more than all else that is done to a batch.
    this.#into.push(
      new FetchedBatch({
        cursor,
        records,
        magic,
        lastOffset,
        wantedOffset,
        verdict,
        batchCount,
        topicId,
        memory,
        budget
      })
    )
  }
}

/** Messages of magic 0 and 1 are converted by the run: each may be a single record. */
function legacyRunEnd(records: Buffer, firstEnd: number): number {
  let runEnd = firstEnd
  for (
    let end = batchEnd(records, runEnd);
    end > 0 && batchMagic(records, runEnd) < 2;
    end = batchEnd(records, runEnd)
  ) {
    runEnd = end
  }
  return runEnd
}

/** The offset field of a message is its own, or that of the last one inside a compressed wrapper. */
function legacyLastOffset(records: Buffer, start: number, end: number): bigint {
  let lastOffset = -1n
  for (let at = start; at < end; at = batchEnd(records, at)) lastOffset = batchBaseOffset(records, at)
  return lastOffset
}
