import { crc32c } from './crc32c.ts'
import { ProtocolError } from './reader.ts'

/**
 * The header of a record batch, read where it lies. Every function takes the buffer and the position of the batch's first
 * byte, and reads one field; nothing is allocated but the bigints that are asked for. But for `batchEnd` and `batchMagic`
 * they hold for magic 2 only, on a batch that `batchEnd` called whole.
 *
 *   base_offset INT64, batch_length INT32, partition_leader_epoch INT32, magic INT8, crc UINT32 (of all that follows),
 *   attributes INT16, last_offset_delta INT32, base_timestamp INT64, max_timestamp INT64, producer_id INT64,
 *   producer_epoch INT16, base_sequence INT32, record_count INT32, records
 *
 *   attributes: bits 0-2 codec, 3 LogAppendTime, 4 transactional, 5 control, 6 base timestamp is a delete horizon
 */
export const batchOffsets = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61
} as const

/** Base offset and length, which the length field does not count. */
export const batchPrefixBytes = 12
export const batchHeaderBytes = 61

export const codecMask = 0x07
export const logAppendTimeBit = 0x08
export const transactionalBit = 0x10
export const controlBit = 0x20

/** Length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each. */
export const smallestRecordBytes = 7
/** CRC, magic, attributes, key length and value length. */
const smallestLegacyMessageBytes = 14
/** Through the magic byte, which tells how to read the rest. */
const readablePrefixBytes = 17

/**
 * Where the batch (or magic 0/1 message) at `at` ends, or -1 when the buffer ends first: brokers cut the last batch of a
 * fetch response. Walk a response with `for (let at = 0, end; (end = batchEnd(records, at)) > 0; at = end)`.
 * Throws ProtocolError on an unknown magic or a length that no batch can have.
 */
export function batchEnd(buffer: Buffer, at: number): number {
  if (buffer.length - at < readablePrefixBytes) return -1
  const length = buffer.readInt32BE(at + batchOffsets.length)
  const magic = buffer.readInt8(at + batchOffsets.magic)
  if (magic < 0 || magic > 2) throw new ProtocolError(`Record batch at byte ${at} has unknown magic ${magic}`)
  if (length < (magic === 2 ? batchHeaderBytes - batchPrefixBytes : smallestLegacyMessageBytes)) {
    throw new ProtocolError(`Record batch at byte ${at} has impossible length ${length}`)
  }
  const end = at + batchPrefixBytes + length
  if (end > buffer.length) return -1
  if (magic === 2) checkRecordCount(buffer, at, end)
  return end
}

/** A count is never trusted: without a codec it must fit the bytes; an inflated payload is checked when it is walked. */
function checkRecordCount(buffer: Buffer, at: number, end: number): void {
  const count = batchRecordCount(buffer, at)
  const bytes = end - at - batchHeaderBytes
  if (count < 0 || (batchCodec(buffer, at) === 0 && count * smallestRecordBytes > bytes)) {
    throw new ProtocolError(`Record batch at byte ${at} claims ${count} records in ${bytes} bytes`)
  }
}

/** Valid for all magics, as soon as `batchEnd` did not call the batch partial. */
export function batchMagic(buffer: Buffer, at: number): number {
  return buffer.readInt8(at + batchOffsets.magic)
}

/** Bytes of the whole batch with its 12 byte prefix: what `max.message.bytes` is compared with. */
export function batchBytes(buffer: Buffer, at: number): number {
  return batchPrefixBytes + buffer.readInt32BE(at + batchOffsets.length)
}

export function batchBaseOffset(buffer: Buffer, at: number): bigint {
  return buffer.readBigInt64BE(at)
}

export function batchLastOffset(buffer: Buffer, at: number): bigint {
  return buffer.readBigInt64BE(at) + BigInt(batchLastOffsetDelta(buffer, at))
}

function batchCrc(buffer: Buffer, at: number): number {
  return buffer.readUInt32BE(at + batchOffsets.crc)
}

/** Reads the whole batch: about 1 ns a byte. */
export function isBatchCrcValid(buffer: Buffer, at: number): boolean {
  return crc32c(buffer, at + batchOffsets.attributes, at + batchBytes(buffer, at)) === batchCrc(buffer, at)
}

export function batchAttributes(buffer: Buffer, at: number): number {
  return buffer.readInt16BE(at + batchOffsets.attributes)
}

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export function batchCodec(buffer: Buffer, at: number): number {
  return batchAttributes(buffer, at) & codecMask
}

export function isLogAppendTimeBatch(buffer: Buffer, at: number): boolean {
  return (batchAttributes(buffer, at) & logAppendTimeBit) !== 0
}

export function isTransactionalBatch(buffer: Buffer, at: number): boolean {
  return (batchAttributes(buffer, at) & transactionalBit) !== 0
}

export function isControlBatch(buffer: Buffer, at: number): boolean {
  return (batchAttributes(buffer, at) & controlBit) !== 0
}

/** Of the leader that appended it. */
export function batchLeaderEpoch(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + batchOffsets.leaderEpoch)
}

export function batchLastOffsetDelta(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + batchOffsets.lastOffsetDelta)
}

export function batchRecordCount(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + batchOffsets.recordCount)
}

/**
 * Whether the offsets inside are 0..n-1 and there is a record at all. Deltas rise strictly, so the two header fields
 * prove it. Brokers refuse other batches, or (0.11, 1.0) store them with overlapping offsets.
 */
export function isDenseBatch(buffer: Buffer, at: number): boolean {
  const count = batchRecordCount(buffer, at)
  return count > 0 && batchLastOffsetDelta(buffer, at) === count - 1
}

export function batchBaseTimestamp(buffer: Buffer, at: number): bigint {
  return buffer.readBigInt64BE(at + batchOffsets.baseTimestamp)
}

export function batchMaxTimestamp(buffer: Buffer, at: number): bigint {
  return buffer.readBigInt64BE(at + batchOffsets.maxTimestamp)
}

/** -1n when the producer was neither idempotent nor transactional. */
export function batchProducerId(buffer: Buffer, at: number): bigint {
  return buffer.readBigInt64BE(at + batchOffsets.producerId)
}

export function batchProducerEpoch(buffer: Buffer, at: number): number {
  return buffer.readInt16BE(at + batchOffsets.producerEpoch)
}

export function batchBaseSequence(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + batchOffsets.baseSequence)
}
