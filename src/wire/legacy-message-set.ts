// eslint-disable-next-line n/no-unsupported-features/node-builtins -- in Node 20 since 20.15, below our minimum
import { crc32 } from 'node:zlib'
import { MirrorError } from '../base/errors.ts'
import { codecIds, codecOf, defaultMaxInflatedBytes } from './compression/codecs.ts'
import { repairLegacyHeaderChecksum } from './compression/lz4-frame.ts'
import { ProtocolError, Reader } from './reader.ts'
import { batchEnd, batchMagic, batchPrefixBytes, codecMask, logAppendTimeBit } from './record-batch.ts'
import { type RecordInput, encodeBatch } from './record.ts'
import { OffsetRuns, type RenumberedBatch } from './renumber.ts'

export interface UpConvertedMessages extends RenumberedBatch {
  /** Source offset behind the last message, kept or not. */
  readonly nextOffset: bigint
}

/**
 * A message of brokers before 0.11, plain or a wrapper: then its value is a compressed run of messages.
 *
 *   offset INT64, size INT32, crc UINT32 (CRC-32 of all that follows), magic INT8, attributes INT8,
 *   [magic 1: timestamp INT64], key_length INT32, key, value_length INT32, value
 */
interface LegacyMessage {
  readonly offset: bigint
  readonly magic: number
  readonly attributes: number
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/**
 * Turns whole magic 0 and 1 messages (a run of them, compressed wrappers included) into one dense magic 2 batch, with the
 * codec of the first wrapper. Messages below `fromOffset` are left out. Magic 0 has no timestamp: -1.
 * Rejects with MIRROR_PROTOCOL, MIRROR_BATCH_INVALID (wrong CRC) or MIRROR_CODEC; for the whole run.
 */
export async function upConvert(
  messages: Buffer,
  fromOffset: bigint,
  maxInflatedBytes = defaultMaxInflatedBytes
): Promise<UpConvertedMessages> {
  const records: RecordInput[] = []
  const runs = new OffsetRuns()
  let codec = 0
  let nextOffset = 0n
  for (const outer of readMessages(messages)) {
    const outerCodec = outer.attributes & codecMask
    if (codec === 0) codec = outerCodec
    for (const { offset, timestamp, key, value } of outerCodec === 0
      ? [outer]
      : await unwrap(outer, maxInflatedBytes)) {
      nextOffset = offset + 1n
      if (offset < fromOffset) continue
      runs.add(offset)
      records.push({ timestamp, key, value })
    }
  }
  const recordCount = records.length
  if (recordCount === 0) return { batch: Buffer.alloc(0), recordCount, runs: [], nextOffset }
  return { batch: await encodeBatch(records, codec), recordCount, runs: runs.toArray(), nextOffset }
}

function readMessages(bytes: Buffer): LegacyMessage[] {
  const messages: LegacyMessage[] = []
  for (let at = 0; at < bytes.length;) {
    const end = batchEnd(bytes, at)
    if (end < 0) throw new ProtocolError(`Message at byte ${at} is cut off at byte ${bytes.length}`)
    messages.push(readMessage(bytes, at, end))
    at = end
  }
  return messages
}

function readMessage(bytes: Buffer, at: number, end: number): LegacyMessage {
  const magic = batchMagic(bytes, at)
  if (magic === 2) throw new ProtocolError(`Magic 2 batch at byte ${at} among older messages`)
  const reader = new Reader(bytes.subarray(0, end), false, at + batchPrefixBytes)
  const crc = reader.int32() >>> 0
  if (crc !== crc32(bytes.subarray(reader.offset, end))) {
    throw new MirrorError('MIRROR_BATCH_INVALID', `The CRC of the message at byte ${at} does not match its bytes`)
  }
  reader.int8()
  const message = {
    offset: bytes.readBigInt64BE(at),
    magic,
    attributes: reader.int8(),
    timestamp: magic === 1 ? reader.int64() : -1n,
    key: reader.nullableBytes(),
    value: reader.nullableBytes()
  }
  if (reader.remaining > 0) throw new ProtocolError(`Message at byte ${at} has ${reader.remaining} bytes too many`)
  return message
}

/**
 * The messages in a wrapper. With magic 0 they carry their own offsets. With magic 1 they count from 0 (or, cleaned,
 * with holes) and the wrapper's offset is that of the last one (KIP-31); an append time of the wrapper is the time of all.
 */
async function unwrap(wrapper: LegacyMessage, maxInflatedBytes: number): Promise<LegacyMessage[]> {
  if (wrapper.value === null) throw new ProtocolError(`The compressed message at offset ${wrapper.offset} has no value`)
  const codec = wrapper.attributes & codecMask
  const repair = codec === codecIds.lz4 && wrapper.magic === 0
  const payload = repair ? repairLegacyHeaderChecksum(wrapper.value) : wrapper.value
  const inner = readMessages(await codecOf(codec).decompress(payload, maxInflatedBytes))
  for (const message of inner) {
    if (message.magic !== wrapper.magic || (message.attributes & codecMask) !== 0) {
      throw new ProtocolError(`The compressed message at offset ${wrapper.offset} holds messages of another kind`)
    }
  }
  if (wrapper.magic === 0) return inner
  const firstOffset = wrapper.offset - (inner.at(-1)?.offset ?? 0n)
  const appendTime = (wrapper.attributes & logAppendTimeBit) === 0 ? undefined : wrapper.timestamp
  return inner.map((message) => ({
    ...message,
    offset: firstOffset + message.offset,
    timestamp: appendTime ?? message.timestamp
  }))
}
