/** Record batches for tests: arbitrary ones, and headers set by hand with a CRC that fits. */
import fc from 'fast-check'
import { crc32c } from '../../src/wire/crc32c.ts'
import { batchBytes, batchOffsets } from '../../src/wire/record-batch.ts'
import { type DecodedRecord, type RecordInput, decodeBatch } from '../../src/wire/record.ts'

export const everyCodec = [0, 1, 2, 3, 4] as const

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const nullableBytes = fc.option(bytes, { nil: null })

/** Mostly close together, as real ones are; some that need bigints, some of either sign's end. */
const timestamp = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt(1_700_000_000_000n, 1_700_000_100_000n) },
  { weight: 2, arbitrary: fc.bigInt(-1n, 2n ** 55n) },
  { weight: 1, arbitrary: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }
)

export const arbitraryRecord: fc.Arbitrary<RecordInput> = fc.record({
  timestamp,
  key: nullableBytes,
  value: nullableBytes,
  headers: fc.array(fc.tuple(bytes, nullableBytes), { maxLength: 4 })
})

export const arbitraryRecords = fc.array(arbitraryRecord, { minLength: 1, maxLength: 40 })

/** Records with rising offsets and holes between them, as a cleaner leaves them. */
export const arbitraryGappyRecords = fc
  .tuple(
    fc.bigInt(0n, 2n ** 40n),
    fc.array(fc.tuple(arbitraryRecord, fc.integer({ min: 1, max: 300 })), { minLength: 1 })
  )
  .map(([base, steps]) => {
    let offset = base
    return steps.map(([record, step]) => {
      const placed = { ...record, offset }
      offset += BigInt(step)
      return placed
    })
  })

export function plainRecord(index: number, valueBytes = 100): RecordInput {
  const value = Buffer.from(`value ${index} `.padEnd(valueBytes, 'x'))
  return { timestamp: 1_700_000_000_000n + BigInt(index), key: Buffer.from(`key ${index}`), value }
}

/** Writes the CRC that fits the batch's bytes. */
export function reseal(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, batchOffsets.attributes, batchBytes(batch, 0)), batchOffsets.crc)
  return batch
}

export function withAttributes(batch: Buffer, bits: number): Buffer {
  batch.writeInt16BE(batch.readInt16BE(batchOffsets.attributes) | bits, batchOffsets.attributes)
  return reseal(batch)
}

/** What a batch holds but for the offsets. */
export async function contentsOf(batch: Buffer): Promise<Omit<DecodedRecord, 'offset'>[]> {
  return (await decodeBatch(batch)).map(withoutOffset)
}

export function withoutOffset({ timestamp, key, value, headers = [] }: RecordInput): Omit<DecodedRecord, 'offset'> {
  return { timestamp, key, value, headers }
}

/** Records as text that can be compared fast: deep equality of thousands of buffers takes seconds. */
export function asText(records: readonly RecordInput[]): string {
  const text = (bytes: Buffer | null): string => bytes?.toString('latin1') ?? 'null'
  return records.map(({ timestamp, key, value }) => `${timestamp} ${text(key)} ${text(value)}`).join('\n')
}
