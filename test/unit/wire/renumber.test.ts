import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchCodec, isDenseBatch, isLogAppendTimeBatch } from '../../../src/wire/record-batch.ts'
import { decodeBatch, encodeBatch } from '../../../src/wire/record.ts'
import { renumber } from '../../../src/wire/renumber.ts'
import {
  arbitraryGappyRecords,
  contentsOf,
  everyCodec,
  plainRecord,
  withAttributes,
  withoutOffset
} from '../../support/record-batches.ts'

describe('renumber', () => {
  it('keeps every record from the offset on, dense, and tells where each came from', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryGappyRecords,
        fc.constantFrom(...everyCodec),
        fc.integer({ min: -3, max: 60 }),
        async (records, codec, drop) => {
          const from = (records[0]?.offset ?? 0n) + BigInt(drop * 10)
          const kept = records.filter((record) => record.offset >= from)
          const result = await renumber(await encodeBatch(records, codec), from)
          expect(result.recordCount).toBe(kept.length)
          const sources = result.runs.flatMap((run) =>
            Array.from({ length: run.count }, (_, i) => run.firstSourceOffset + BigInt(i))
          )
          expect(sources).toEqual(kept.map((record) => record.offset))
          if (kept.length === 0) {
            expect(result.batch).toHaveLength(0)
            return
          }
          const decoded = await decodeBatch(result.batch)
          expect(decoded.map(withoutOffset)).toEqual(kept.map(withoutOffset))
          expect(decoded.map((record) => record.offset)).toEqual(kept.map((_, index) => BigInt(index)))
          expect([isDenseBatch(result.batch, 0), batchCodec(result.batch, 0)]).toEqual([true, codec])
        }
      )
    )
  })

  it('joins consecutive source offsets into one run', async () => {
    const at = (offset: bigint) => ({ ...plainRecord(Number(offset)), offset })
    const { runs } = await renumber(await encodeBatch([10n, 11n, 12n, 20n, 21n, 30n].map(at)), 11n)
    expect(runs).toEqual([
      { firstSourceOffset: 11n, count: 2 },
      { firstSourceOffset: 20n, count: 2 },
      { firstSourceOffset: 30n, count: 1 }
    ])
  })

  it.each(everyCodec)('makes append times the create times, codec %i', async (codec) => {
    const batch = withAttributes(await encodeBatch([plainRecord(9), plainRecord(2)], codec), 0x08)
    const result = await renumber(batch, 0n)
    expect(isLogAppendTimeBatch(result.batch, 0)).toBe(false)
    const appended = plainRecord(9).timestamp
    expect((await contentsOf(result.batch)).map((record) => record.timestamp)).toEqual([appended, appended])
  })

  it('refuses a control batch, whose marker would become a record', async () => {
    const marker = withAttributes(await encodeBatch([plainRecord(0)]), 0x30)
    await expect(renumber(marker, 0n)).rejects.toMatchObject({ code: 'MIRROR_BATCH_INVALID' })
  })
})
