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
 * Merges batches (each a whole one for which `canCoalesce` holds) into one with offsets 0..n-1 and no producer. Keys,
 * values and headers are moved unread. The merged batch is at most a few bytes a record larger than the sum of its parts.
 *
 * Throws MIRROR_BATCH_INVALID or MIRROR_PROTOCOL when a batch is corrupt: the new CRC would make it a valid one. Send
 * them apart then, the target refuses the bad one alone.
 */
export function coalesce(batches: readonly Buffer[]): Buffer {
  const [first] = batches
  if (first === undefined) throw new ProtocolError('There is no batch to merge')
  const base = timestampAt(first, batchOffsets.baseTimestamp)
  const { rewriter, total } = loadAll(batches, base)
  const { cursor } = rewriter
  let maxTimestamp = timestampAt(first, batchOffsets.maxTimestamp)
  let payloadEnd = cursor.recordEnd
  for (const batch of batches) {
    const shift = shiftOf(batch, base)
    payloadEnd += batchBytes(batch, 0) - batchHeaderBytes
    for (let count = batchRecordCount(batch, 0); count > 0; count--) {
      cursor.next()
      rewriter.keep(cursor.shiftedTimestampDelta(shift))
    }
    cursor.expectEnd(payloadEnd)
    const timestamp = timestampAt(batch, batchOffsets.maxTimestamp)
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
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
function loadAll(batches: readonly Buffer[], base: Delta): { rewriter: RecordRewriter; total: number } {
  let total = 0
  let payloadBytes = 0
  let growth = 0
  for (const batch of batches) {
    checkBatch(batch)
    if (!canCoalesce(batch, 0)) {
      throw new ProtocolError('A batch with a codec, gaps, append times or markers cannot be merged')
    }
    const count = batchRecordCount(batch, 0)
    total += count
    payloadBytes += batchBytes(batch, 0) - batchHeaderBytes
    growth += count * timestampGrowth(shiftOf(batch, base))
  }
  const rewriter = new RecordRewriter(payloadBytes, growth + recordGrowth(total, total))
  for (const batch of batches) rewriter.load(batch, batchHeaderBytes, batchBytes(batch, 0))
  return { rewriter, total }
}

/** What is added to the batch's timestamp deltas when `base` becomes their base. */
function shiftOf(batch: Buffer, base: Delta): Delta {
  const own = timestampAt(batch, batchOffsets.baseTimestamp)
  return typeof own === 'number' && typeof base === 'number' ? own - base : toDelta(BigInt(own) - BigInt(base))
}

/** A timestamp of the header; as a number, so that no bigint is made, while the difference of two is exact. */
function timestampAt(batch: Buffer, at: number): Delta {
  const high = batch.readInt32BE(at)
  return Math.abs(high) < 2 ** 18 ? high * 2 ** 32 + batch.readUInt32BE(at + 4) : batch.readBigInt64BE(at)
}
