import { ProtocolError } from './reader.ts'

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

/** A record to be written. Offsets are 0n, 1n, ... where none is given. */
export interface RecordInput {
  readonly offset?: bigint
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly RecordHeader[]
}

/** Decodes the magic 2 batch at the start of `batch`; fields are views into it, or into the inflated payload. */
export async function decodeBatch(batch: Buffer): Promise<DecodedRecord[]> {
  return await Promise.reject(new ProtocolError(`Not yet: ${batch.length}`))
}

/** One magic 2 batch without a producer, CreateTime, CRC set. `codec` is an id of `codecIds`, 0 by default. */
export async function encodeBatch(records: readonly RecordInput[], codec = 0): Promise<Buffer> {
  return await Promise.reject(new ProtocolError(`Not yet: ${records.length} ${codec}`))
}
