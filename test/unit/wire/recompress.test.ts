import { describe, expect, it } from 'vitest'
import { batchCodec } from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { recompress } from '../../../src/wire/recompress.ts'
import { contentsOf, everyCodec, plainRecord, withoutOffset } from '../../support/record-batches.ts'

describe.each(everyCodec)('recompress from codec %i', (from) => {
  it.each(everyCodec)('to codec %i keeps the records', async (to) => {
    const records = Array.from({ length: 20 }, (_, index) => plainRecord(index))
    const batch = await recompress(await encodeBatch(records, from), to)
    expect(batchCodec(batch, 0)).toBe(to)
    expect(await contentsOf(batch)).toEqual(records.map(withoutOffset))
  })
})
