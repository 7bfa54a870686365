import { crc32c } from './crc32c.ts'
import { batchBytes, batchHeaderBytes, batchOffsets, batchPrefixBytes } from './record-batch.ts'

export interface BatchHeader {
  /** Default 0n, as produced. */
  readonly baseOffset?: bigint
  readonly codec: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly recordCount: number
}

/** Writes the header of a batch without a producer before the records already in `batch`, and its CRC. Returns `batch`. */
export function sealBatch(batch: Buffer, header: BatchHeader): Buffer {
  batch.writeBigInt64BE(header.baseOffset ?? 0n, 0)
  batch.writeInt32BE(batch.length - batchPrefixBytes, batchOffsets.length)
  batch.writeInt32BE(-1, batchOffsets.leaderEpoch)
  batch.writeInt8(2, batchOffsets.magic)
  batch.writeInt16BE(header.codec, batchOffsets.attributes)
  batch.writeInt32BE(header.lastOffsetDelta, batchOffsets.lastOffsetDelta)
  batch.writeBigInt64BE(header.baseTimestamp, batchOffsets.baseTimestamp)
  batch.writeBigInt64BE(header.maxTimestamp, batchOffsets.maxTimestamp)
  batch.fill(255, batchOffsets.producerId, batchOffsets.recordCount)
  batch.writeInt32BE(header.recordCount, batchOffsets.recordCount)
  batch.writeUInt32BE(crc32c(batch, batchOffsets.attributes), batchOffsets.crc)
  return batch
}

/** The records of an uncompressed batch, a view. */
export function recordsOf(batch: Buffer): Buffer {
  return batch.subarray(batchHeaderBytes, batchBytes(batch, 0))
}
