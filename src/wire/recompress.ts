import { closeBatch, openDataBatch } from './batch-payload.ts'
import {
  batchBaseTimestamp,
  batchHeaderBytes,
  batchLastOffsetDelta,
  batchMaxTimestamp,
  batchRecordCount
} from './record-batch.ts'

/**
 * A dense CreateTime batch with another codec (one of `codecIds`) and no producer, for `producer.compression.type`.
 * Rejects with MIRROR_CODEC, MIRROR_PROTOCOL, MIRROR_BATCH_INVALID.
 */
export async function recompress(batch: Buffer, codec: number, maxInflatedBytes?: number): Promise<Buffer> {
  const payload = await openDataBatch(batch, maxInflatedBytes)
  const buffer = Buffer.allocUnsafe(batchHeaderBytes + payload.length)
  buffer.set(payload, batchHeaderBytes)
  return await closeBatch(buffer, {
    codec,
    lastOffsetDelta: batchLastOffsetDelta(batch, 0),
    baseTimestamp: batchBaseTimestamp(batch, 0),
    maxTimestamp: batchMaxTimestamp(batch, 0),
    recordCount: batchRecordCount(batch, 0)
  })
}
