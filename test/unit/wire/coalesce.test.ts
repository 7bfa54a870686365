import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canCoalesce, coalesce } from '../../../src/wire/coalesce.ts'
import { batchEnd, batchMaxTimestamp, isBatchCrcValid, isDenseBatch } from '../../../src/wire/record-batch.ts'
import { decodeBatch, encodeBatch } from '../../../src/wire/record.ts'
import { arbitraryRecords, asText, plainRecord, withAttributes } from '../../support/record-batches.ts'

describe('coalesce', () => {
  it('makes the batch that decoding all and encoding them together makes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryRecords, { minLength: 1, maxLength: 12 }), async (parts) => {
        const merged = coalesce(await Promise.all(parts.map(async (records) => await encodeBatch(records))))
        expect(merged).toEqual(await encodeBatch(parts.flat()))
        expect(batchEnd(merged, 0)).toBe(merged.length)
        expect(isBatchCrcValid(merged, 0)).toBe(true)
      })
    )
  })

  it('renumbers thousands of records, whose deltas outgrow a byte, in order', async () => {
    const parts = Array.from({ length: 700 }, (_, part) =>
      Array.from({ length: 5 }, (_, i) => plainRecord(part * 9_999 + i))
    )
    const merged = coalesce(await Promise.all(parts.map(async (records) => await encodeBatch(records))))
    const decoded = await decodeBatch(merged)
    expect(asText(decoded)).toBe(asText(parts.flat()))
    expect(decoded.map((record) => record.offset)).toEqual(parts.flat().map((_, index) => BigInt(index)))
    expect(batchMaxTimestamp(merged, 0)).toBe(plainRecord(699 * 9_999 + 4).timestamp)
    expect(isDenseBatch(merged, 0)).toBe(true)
  })

  it('does not make a corrupt batch a valid one', async () => {
    const good = await encodeBatch([plainRecord(0)])
    const bad = await encodeBatch([plainRecord(1)])
    bad.writeUInt8(bad.readUInt8(100) ^ 1, 100)
    expect(() => coalesce([good, bad])).toThrow(expect.objectContaining({ code: 'MIRROR_BATCH_INVALID' }))
  })
})

describe('canCoalesce', () => {
  it.each([
    ['a codec', 1, 0],
    ['append times', 0, 0x08],
    ['markers', 0, 0x30]
  ])('leaves batches with %s alone', async (_, codec, bits) => {
    const batch = withAttributes(await encodeBatch([plainRecord(0)], codec), bits)
    expect(canCoalesce(batch, 0)).toBe(false)
    expect(() => coalesce([batch])).toThrow('cannot be merged')
  })

  it('leaves batches with holes alone and takes plain and transactional ones', async () => {
    const gappy = await encodeBatch([
      { ...plainRecord(0), offset: 3n },
      { ...plainRecord(1), offset: 5n }
    ])
    expect(canCoalesce(gappy, 0)).toBe(false)
    expect(canCoalesce(await encodeBatch([plainRecord(0)]), 0)).toBe(true)
    expect(canCoalesce(withAttributes(await encodeBatch([plainRecord(0)]), 0x50), 0)).toBe(true)
  })
})
