import { checkBatch } from './batch-payload.ts'
import { recordsOf, sealBatch } from './batch-header.ts'
import { ProtocolError } from './reader.ts'
import {
  batchAttributes,
  batchBaseTimestamp,
  batchMagic,
  batchMaxTimestamp,
  batchRecordCount,
  codecMask,
  controlBit,
  isDenseBatch,
  logAppendTimeBit
} from './record-batch.ts'
import { RecordRewriter, recordGrowth } from './record-rewriter.ts'
import { toDelta } from './varint.ts'

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
  const baseTimestamp = batchBaseTimestamp(first, 0)
  const total = countRecords(batches)
  const shifts = batches.map((batch) => toDelta(batchBaseTimestamp(batch, 0) - baseTimestamp))
  const payloads = batches.map(recordsOf)
  let growth = 0
  for (const [index, batch] of batches.entries()) {
    growth += recordGrowth(batchRecordCount(batch, 0), total, shifts[index] ?? 0)
  }
  const rewriter = new RecordRewriter(payloads, growth)
  const { cursor } = rewriter
  let maxTimestamp = batchMaxTimestamp(first, 0)
  let payloadEnd = cursor.recordEnd
  for (const [index, batch] of batches.entries()) {
    const shift = shifts[index] ?? 0
    payloadEnd += payloads[index]?.length ?? 0
    for (let count = batchRecordCount(batch, 0); count > 0; count--) {
      cursor.next()
      rewriter.keep(cursor.shiftedTimestampDelta(shift))
    }
    cursor.expectEnd(payloadEnd)
    const timestamp = batchMaxTimestamp(batch, 0)
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
  }
  return sealBatch(rewriter.buffer.subarray(0, rewriter.end), {
    codec: 0,
    lastOffsetDelta: total - 1,
    baseTimestamp,
    maxTimestamp,
    recordCount: total
  })
}

function countRecords(batches: readonly Buffer[]): number {
  let total = 0
  for (const batch of batches) {
    checkBatch(batch)
    if (!canCoalesce(batch, 0))
      throw new ProtocolError('A batch with a codec, gaps, append times or markers cannot be merged')
    total += batchRecordCount(batch, 0)
  }
  return total
}
