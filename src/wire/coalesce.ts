import { checkBatch } from './batch-payload.ts'
import { sealBatch } from './batch-header.ts'
import { ProtocolError } from './reader.ts'
import {
  batchAttributes,
  batchBytes,
  batchHeaderBytes,
  batchMagic,
  batchOffsets,
  batchRecordCount,
  codecMask,
  controlBit,
  isDenseBatch,
  logAppendTimeBit
} from './record-batch.ts'
import { RecordRewriter, recordGrowth, timestampGrowth } from './record-rewriter.ts'
import { type Delta, toDelta } from './varint.ts'

/** Whether a batch may be merged with others: magic 2, dense, no codec, CreateTime, not control. Header only. */
export function canCoalesce(buffer: Buffer, at: number): boolean {
  return (
    batchMagic(buffer, at) === 2 &&
    (batchAttributes(buffer, at) & (codecMask | logAppendTimeBit | controlBit)) === 0 &&
    isDenseBatch(buffer, at)
  )
}

/**
 * Merges batches into one with offsets 0..n-1 and no producer. Each of `runs` holds whole batches for which `canCoalesce`
 * holds, one behind the other. Keys, values and headers are moved unread. The merged batch is at most a few bytes a record
 * larger than the sum of its parts.
 *
 * Throws MIRROR_BATCH_INVALID or MIRROR_PROTOCOL when a batch is corrupt: the new CRC would make it a valid one. Send
 * them apart then, the target refuses the bad one alone.
 *
 * @param allocate gives the memory for it: at least so many bytes
 */
export function coalesce(runs: readonly Buffer[], allocate?: (bytes: number) => Buffer): Buffer {
  const [first] = runs
  if (first === undefined) throw new ProtocolError('There is no batch to merge')
  const base = timestampAt(first, batchOffsets.baseTimestamp)
  const { rewriter, total } = loadAll(runs, base, allocate)
  const { cursor } = rewriter
  let maxTimestamp = timestampAt(first, batchOffsets.maxTimestamp)
  let payloadEnd = cursor.recordEnd
  for (const run of runs) {
    for (let at = 0; at < run.length; at += batchBytes(run, at)) {
      const shift = shiftOf(run, at, base)
      payloadEnd += batchBytes(run, at) - batchHeaderBytes
      for (let count = batchRecordCount(run, at); count > 0; count--) {
        cursor.next()
        rewriter.keep(cursor.shiftedTimestampDelta(shift))
      }
      cursor.expectEnd(payloadEnd)
      const timestamp = timestampAt(run, at + batchOffsets.maxTimestamp)
      if (timestamp > maxTimestamp) maxTimestamp = timestamp
    }
  }
  return sealBatch(rewriter.buffer.subarray(0, rewriter.end), {
    codec: 0,
    lastOffsetDelta: total - 1,
    baseTimestamp: BigInt(base),
    maxTimestamp: BigInt(maxTimestamp),
    recordCount: total
  })
}

/** Checks the batches and loads them all, with room for what renumbering adds. */
function loadAll(
  runs: readonly Buffer[],
  base: Delta,
  allocate: ((bytes: number) => Buffer) | undefined
): { rewriter: RecordRewriter; total: number } {
  let total = 0
  let payloadBytes = 0
  let growth = 0
  for (const run of runs) {
    for (let at = 0; at < run.length; at += batchBytes(run, at)) {
      checkBatch(run, at)
      if (!canCoalesce(run, at)) {
        throw new ProtocolError('A batch with a codec, gaps, append times or markers cannot be merged')
      }
      const count = batchRecordCount(run, at)
      total += count
      payloadBytes += batchBytes(run, at) - batchHeaderBytes
      growth += count * timestampGrowth(shiftOf(run, at, base))
    }
  }
  const rewriter = new RecordRewriter(payloadBytes, growth + recordGrowth(total, total), allocate)
  for (const run of runs) {
    for (let at = 0; at < run.length; at += batchBytes(run, at)) {
      rewriter.load(run, at + batchHeaderBytes, at + batchBytes(run, at))
    }
  }
  return { rewriter, total }
}

/** What is added to the batch's timestamp deltas when `base` becomes their base. */
function shiftOf(run: Buffer, at: number, base: Delta): Delta {
  const own = timestampAt(run, at + batchOffsets.baseTimestamp)
  return typeof own === 'number' && typeof base === 'number' ? own - base : toDelta(BigInt(own) - BigInt(base))
}

/** A timestamp of the header; as a number, so that no bigint is made, while the difference of two is exact. */
function timestampAt(batch: Buffer, at: number): Delta {
  const high = batch.readInt32BE(at)
  return Math.abs(high) < 2 ** 18 ? high * 2 ** 32 + batch.readUInt32BE(at + 4) : batch.readBigInt64BE(at)
}
