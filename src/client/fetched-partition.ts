import { type FetchPartitionResponse } from '../wire/api/01-fetch.ts'
import { AbortedTransactions } from '../wire/aborted-transactions.ts'
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
 * Cuts one partition of a fetch response into batches, moves the cursor behind the last whole one, and appends them to
 * `into`. Headers alone are read. A batch that the broker cut short is left for the next fetch; a batch without records
 * still moves the cursor (compaction keeps such for producer state). Throws ProtocolError on bytes that are no batch:
 * what came before them is delivered, the cursor stands at them.
 */
export function cutBatches(
  { cursor, position, response }: FetchedPartition,
  memory: FrameMemory,
  budget: ByteBudget,
  into: FetchedBatch[]
): void {
  const { records } = response
  const transactions = new AbortedTransactions(response.abortedTransactions)
  let wantedOffset = position
  let at = 0
  for (let end = batchEnd(records, at); end > 0; end = batchEnd(records, at)) {
    const magic = batchMagic(records, at)
    if (magic < 2) end = legacyRunEnd(records, end)
    const lastOffset = magic < 2 ? legacyLastOffset(records, at, end) : batchLastOffset(records, at)
    const verdict = magic < 2 ? 'data' : transactions.verdict(records, at)
    // The first batch can begin below the position: brokers return it whole. Later ones begin behind the one before,
    // but for what brokers 0.11 and 1.0 took with gaps and stored with overlapping offsets; each offset is read once.
    if (lastOffset >= wantedOffset) {
      const batch = records.subarray(at, end)
      // One literal: a spread in here costs more than all else that is done to a small batch (W3 of the bench: half the CPU).
      into.push(new FetchedBatch({ cursor, records: batch, magic, lastOffset, wantedOffset, verdict, memory, budget }))
      wantedOffset = lastOffset + 1n
      cursor.position = wantedOffset
      if (magic === 2) cursor.lastFetchedEpoch = records.readInt32BE(at + batchOffsets.leaderEpoch)
    }
    at = end
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
