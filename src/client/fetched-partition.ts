import { type FetchPartitionResponse } from '../wire/api/01-fetch.ts'
import { AbortedTransactions, type BatchVerdict } from '../wire/aborted-transactions.ts'
import { canCoalesce } from '../wire/coalesce.ts'
import {
  batchBaseOffset,
  batchCodec,
  batchEnd,
  batchLastOffset,
  batchLeaderEpoch,
  batchMagic,
  isDenseBatch,
  isLogAppendTimeBatch
} from '../wire/record-batch.ts'
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
 * Below this a batch is worth merging with its neighbours: brokers take one batch a partition a request. Merging batches of
 * 64 KiB doubles the CPU for nothing (measured).
 */
const smallBatchBytes = 8 * 1024
/** Half of the default `max.message.bytes`, so that a merged batch is taken where nobody lowered that. */
const mostMergedBytes = 512 * 1024
/** How far apart the positions of a busy partition are that can be stored. */
const longestRunBytes = 1024 * 1024

/**
 * Cuts one partition of a fetch response into batches, moves the cursor behind the last whole one, and appends them to
 * `into`. Headers alone are read. Batches that can go as they are and lie side by side stay together, as a run: what is
 * kept of a batch on its way is then kept of many at once. A batch that the broker cut short is left for the next fetch; a
 * batch without records still moves the cursor (compaction keeps such for producer state). Throws ProtocolError on bytes
 * that are no batch: what came before them is delivered, the cursor stands at them.
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

/** Kinds of runs: small batches to be merged, and else one for each codec, its number. */
const small = -1
/** Stands alone: it has to be rewritten, or moves the position only. */
const apart = -2

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
  #runKind = apart
  #runWantedOffset = -1n
  #runPreviousEpoch = -1
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
      const kind = verdict === 'data' ? this.#kindOf(records, at, end) : apart
      if (kind === apart) {
        this.endRun()
        this.#deliver({
          start: at,
          end,
          wantedOffset: this.#wantedOffset,
          previousEpoch: cursor.lastFetchedEpoch,
          lastOffset,
          verdict,
          batchCount: 1,
          isToMerge: false
        })
      } else this.#addToRun(kind, at, end, lastOffset)
      this.#wantedOffset = lastOffset + 1n
      cursor.position = this.#wantedOffset
      if (magic === 2) cursor.lastFetchedEpoch = batchLeaderEpoch(records, at)
    }
  }

  /** Delivers what has been gathered. */
  endRun(): void {
    if (this.#runCount === 0) return
    this.#deliver({
      start: this.#runStart,
      end: this.#runEnd,
      wantedOffset: this.#runWantedOffset,
      previousEpoch: this.#runPreviousEpoch,
      lastOffset: this.#runLastOffset,
      verdict: 'data',
      batchCount: this.#runCount,
      isToMerge: this.#runKind === small && this.#runCount > 1
    })
    this.#runCount = 0
  }

  /** Within a run offsets are dense, so that it is to the target like one batch of the source. */
  #kindOf(records: Buffer, at: number, end: number): number {
    if (batchMagic(records, at) < 2 || batchBaseOffset(records, at) !== this.#wantedOffset) return apart
    if (end - at < smallBatchBytes && canCoalesce(records, at)) return small
    return isDenseBatch(records, at) && !isLogAppendTimeBatch(records, at) ? batchCodec(records, at) : apart
  }

  #addToRun(kind: number, start: number, end: number, lastOffset: bigint): void {
    const mostBytes = kind === small ? mostMergedBytes : longestRunBytes
    if (this.#runCount > 0 && (kind !== this.#runKind || end - this.#runStart > mostBytes)) this.endRun()
    if (this.#runCount === 0) {
      this.#runStart = start
      this.#runKind = kind
      this.#runWantedOffset = this.#wantedOffset
      this.#runPreviousEpoch = this.#fetched.cursor.lastFetchedEpoch
    }
    this.#runEnd = end
    this.#runLastOffset = lastOffset
    this.#runCount += 1
  }

  #deliver(cut: {
    readonly start: number
    readonly end: number
    readonly wantedOffset: bigint
    readonly previousEpoch: number
    readonly lastOffset: bigint
    readonly verdict: BatchVerdict
    readonly batchCount: number
    readonly isToMerge: boolean
  }): void {
    const { cursor, response } = this.#fetched
    const { wantedOffset, previousEpoch, lastOffset, verdict, batchCount, isToMerge } = cut
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
        previousEpoch,
        verdict,
        batchCount,
        isToMerge,
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
