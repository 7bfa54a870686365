import { MirrorError } from '../base/errors.ts'
import { type BatchHeader, recordsOf, sealBatch } from './batch-header.ts'
import { codecOf, defaultMaxInflatedBytes } from './compression/codecs.ts'
import { ProtocolError } from './reader.ts'
import { batchCodec, batchEnd, batchHeaderBytes, batchMagic, isBatchCrcValid, isControlBatch } from './record-batch.ts'

/**
 * The inflated records of the magic 2 batch at the start of `batch`; a view when it has no codec. Whoever opens a batch
 * writes a new CRC, so the old one is checked: a corrupt batch must not become a valid one on its way.
 * Rejects with MIRROR_PROTOCOL, MIRROR_BATCH_INVALID, MIRROR_CODEC.
 */
export async function openBatch(batch: Buffer, maxInflatedBytes = defaultMaxInflatedBytes): Promise<Buffer> {
  checkBatch(batch)
  const codec = batchCodec(batch, 0)
  return codec === 0 ? recordsOf(batch) : await codecOf(codec).decompress(recordsOf(batch), maxInflatedBytes)
}

/** As `openBatch`, and rejects with MIRROR_BATCH_INVALID on a control batch, whose markers would become records. */
export async function openDataBatch(batch: Buffer, maxInflatedBytes = defaultMaxInflatedBytes): Promise<Buffer> {
  const records = await openBatch(batch, maxInflatedBytes)
  if (isControlBatch(batch, 0)) {
    throw new MirrorError('MIRROR_BATCH_INVALID', 'A control batch holds no records to be mirrored; leave it out')
  }
  return records
}

/** Throws unless a whole magic 2 batch whose CRC is right lies at `at`. */
export function checkBatch(buffer: Buffer, at = 0): void {
  if (batchEnd(buffer, at) < 0) throw new ProtocolError(`Record batch is cut off after ${buffer.length - at} bytes`)
  if (batchMagic(buffer, at) !== 2)
    throw new ProtocolError(`Record batch has magic ${batchMagic(buffer, at)} instead of 2`)
  if (!isBatchCrcValid(buffer, at)) {
    throw new MirrorError('MIRROR_BATCH_INVALID', 'The CRC of a record batch does not match its bytes')
  }
}

/**
 * A batch of records that lie in `buffer` behind room for a header, compressed as `header.codec` says. Without a codec
 * it is `buffer` itself.
 */
export async function closeBatch(buffer: Buffer, header: BatchHeader): Promise<Buffer> {
  if (header.codec === 0) return sealBatch(buffer, header)
  const compressed = await codecOf(header.codec).compress(buffer.subarray(batchHeaderBytes))
  const batch = Buffer.allocUnsafe(batchHeaderBytes + compressed.length)
  batch.set(compressed, batchHeaderBytes)
  return sealBatch(batch, header)
}
