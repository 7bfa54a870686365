import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchMaxTimestamp, isDenseBatch } from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { splitBatch } from '../../../src/wire/split-batch.ts'
import { arbitraryRecords, contentsOf, everyCodec, plainRecord, withoutOffset } from '../../support/record-batches.ts'

describe('splitBatch', () => {
  it('makes parts that fit and together are the same records, but for those too large by themselves', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryRecords,
        fc.constantFrom(...everyCodec),
        fc.integer({ min: 60, max: 400 }),
        async (records, codec, maxBytes) => {
          const parts = await splitBatch(await encodeBatch(records, codec), maxBytes)
          let next = 0
          for (const { firstIndex, count, batch } of parts) {
            expect(firstIndex).toBe(next)
            next += count
            const expected = records.slice(firstIndex, next)
            if (batch === null) {
              expect(count).toBe(1)
              expect((await encodeBatch(expected)).length).toBeGreaterThan(maxBytes)
              continue
            }
            expect(batch.length).toBeLessThanOrEqual(maxBytes)
            expect(isDenseBatch(batch, 0)).toBe(true)
            expect(await contentsOf(batch)).toEqual(expected.map(withoutOffset))
          }
          expect(next).toBe(records.length)
        }
      )
    )
  })

  it('fills uncompressed parts and gives each its own largest timestamp', async () => {
    const records = Array.from({ length: 10 }, (_, index) => plainRecord(index))
    const half = await encodeBatch(records.slice(0, 5))
    const parts = await splitBatch(await encodeBatch(records), half.length)
    expect(parts.map((part) => part.count)).toEqual([5, 5])
    expect(parts.map((part) => batchMaxTimestamp(part.batch ?? half, 0))).toEqual([
      plainRecord(4).timestamp,
      plainRecord(9).timestamp
    ])
  })

  it('refuses a batch with holes', async () => {
    const gappy = await encodeBatch([
      { ...plainRecord(0), offset: 3n },
      { ...plainRecord(1), offset: 5n }
    ])
    await expect(splitBatch(gappy, 100)).rejects.toThrow('renumber it first')
  })
})
