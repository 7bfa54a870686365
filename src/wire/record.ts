import { MirrorError } from '../base/errors.ts'
import { closeBatch, openBatch } from './batch-payload.ts'
import { ProtocolError } from './reader.ts'
import {
  batchBaseOffset,
  batchBaseTimestamp,
  batchHeaderBytes,
  batchMaxTimestamp,
  batchRecordCount,
  isLogAppendTimeBatch
} from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'
import { type Delta, putVarint, putVarlong, toDelta, varintBytes, varlongBytes } from './varint.ts'

/** Keys stay bytes: not every producer writes UTF-8, and they must arrive as they were. */
export type RecordHeader = readonly [key: Buffer, value: Buffer | null]

export interface DecodedRecord {
  readonly offset: bigint
  /** Milliseconds since 1970, -1n for none. In a LogAppendTime batch the append time. */
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

/** A record to be written. Offsets must rise; where none is given they are 0n, 1n, ... */
export interface RecordInput {
  readonly offset?: bigint
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly RecordHeader[]
}

/**
 * Decodes the magic 2 batch at the start of `batch`; fields are views into it, or into the inflated payload.
 * Rejects with MIRROR_PROTOCOL, MIRROR_BATCH_INVALID (wrong CRC) or MIRROR_CODEC.
 */
export async function decodeBatch(batch: Buffer, maxInflatedBytes?: number): Promise<DecodedRecord[]> {
  const payload = await openBatch(batch, maxInflatedBytes)
  const baseOffset = batchBaseOffset(batch, 0)
  const baseTimestamp = batchBaseTimestamp(batch, 0)
  const appendTime = isLogAppendTimeBatch(batch, 0) ? batchMaxTimestamp(batch, 0) : undefined
  const cursor = new RecordCursor(payload)
  const records: DecodedRecord[] = []
  for (let count = batchRecordCount(batch, 0); count > 0; count--) {
    cursor.next()
    records.push({
      offset: baseOffset + BigInt(cursor.offsetDelta),
      timestamp: appendTime ?? BigInt.asIntN(64, baseTimestamp + BigInt(cursor.timestampDelta)),
      ...readFields(new FieldReader(payload, cursor.restAt, cursor.recordEnd))
    })
  }
  cursor.expectEnd()
  return records
}

function readFields(fields: FieldReader): Pick<DecodedRecord, 'key' | 'value' | 'headers'> {
  const key = fields.bytes()
  const value = fields.bytes()
  const headers: RecordHeader[] = []
  for (let count = fields.headerCount(); count > 0; count--) {
    const headerKey = fields.bytes()
    if (headerKey === null) throw new ProtocolError('A record header has no key')
    headers.push([headerKey, fields.bytes()])
  }
  fields.expectEnd()
  return { key, value, headers }
}

/** Reads what follows a record's prefix. */
class FieldReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  bytes(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const at = this.#at
    if (length > this.#end - at) {
      throw new ProtocolError(`Field of ${length} bytes at byte ${at}, but its record ends at ${this.#end}`)
    }
    this.#at = at + length
    return this.#bytes.subarray(at, at + length)
  }

  headerCount(): number {
    const count = this.#varint()
    if (count < 0 || count * 2 > this.#end - this.#at) {
      throw new ProtocolError(`A record claims ${count} headers in ${this.#end - this.#at} bytes`)
    }
    return count
  }

  expectEnd(): void {
    if (this.#at !== this.#end) throw new ProtocolError(`A record has ${this.#end - this.#at} bytes too many`)
  }

  #varint(): number {
    let zigzag = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#at < this.#end ? this.#bytes[this.#at++] : undefined
      if (byte === undefined) throw new ProtocolError(`A record ends within a field at byte ${this.#end}`)
      zigzag |= (byte & 127) << shift
      if (byte < 128) return (zigzag >>> 1) ^ -(zigzag & 1)
    }
    throw new ProtocolError(`Varint at byte ${this.#at} is longer than 5 bytes`)
  }
}

/**
 * One magic 2 batch without a producer, CreateTime, CRC set. `codec` is one of `codecIds`, 0 by default. Throws
 * MIRROR_BATCH_INVALID without records: no broker takes an empty batch.
 */
export async function encodeBatch(records: readonly RecordInput[], codec = 0): Promise<Buffer> {
  const [first] = records
  if (first === undefined) throw new MirrorError('MIRROR_BATCH_INVALID', 'A batch needs at least one record')
  const baseOffset = first.offset ?? 0n
  const baseTimestamp = first.timestamp
  let maxTimestamp = baseTimestamp
  let lastOffsetDelta = 0
  let total = batchHeaderBytes
  const placed = records.map((record, index): PlacedRecord => {
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp
    lastOffsetDelta = record.offset === undefined ? index : Number(record.offset - baseOffset)
    const timestampDelta = toDelta(record.timestamp - baseTimestamp)
    const bodyBytes = 1 + varlongBytes(timestampDelta) + varintBytes(lastOffsetDelta) + fieldBytes(record)
    total += varintBytes(bodyBytes) + bodyBytes
    return { record, offsetDelta: lastOffsetDelta, timestampDelta, bodyBytes }
  })
  const buffer = Buffer.allocUnsafe(total)
  let at = batchHeaderBytes
  for (const record of placed) at = putRecord(buffer, at, record)
  const recordCount = records.length
  return await closeBatch(buffer, { baseOffset, codec, lastOffsetDelta, baseTimestamp, maxTimestamp, recordCount })
}

interface PlacedRecord {
  readonly record: RecordInput
  readonly offsetDelta: number
  readonly timestampDelta: Delta
  readonly bodyBytes: number
}

function fieldBytes({ key, value, headers = [] }: RecordInput): number {
  let bytes = sizeOfBytes(key) + sizeOfBytes(value) + varintBytes(headers.length)
  for (const [headerKey, headerValue] of headers) bytes += sizeOfBytes(headerKey) + sizeOfBytes(headerValue)
  return bytes
}

function sizeOfBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : varintBytes(bytes.length) + bytes.length
}

function putRecord(buffer: Buffer, start: number, placed: PlacedRecord): number {
  const { key, value, headers = [] } = placed.record
  let at = putVarint(buffer, start, placed.bodyBytes)
  buffer[at++] = 0
  at = putVarlong(buffer, at, placed.timestampDelta)
  at = putVarint(buffer, at, placed.offsetDelta)
  at = putBytes(buffer, putBytes(buffer, at, key), value)
  at = putVarint(buffer, at, headers.length)
  for (const [headerKey, headerValue] of headers) at = putBytes(buffer, putBytes(buffer, at, headerKey), headerValue)
  return at
}

function putBytes(buffer: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return putVarint(buffer, at, -1)
  const start = putVarint(buffer, at, bytes.length)
  buffer.set(bytes, start)
  return start + bytes.length
}
