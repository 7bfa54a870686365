import { expect, test } from 'vitest'
import { encodeRecords } from '../../../src/connect/source-records.ts'
import { decodeBatch } from '../../../src/wire/record.ts'

test('records become one batch with dense offsets, compressed or not', async () => {
  const header = [Buffer.from('h'), Buffer.from('1')] as const
  const records = [
    { timestamp: 5n, key: null, value: Buffer.from('a'.repeat(100)), headers: [header] },
    // An offset that somebody's own type has is none of the batch's.
    { timestamp: 4n, key: Buffer.from('k'), value: null, offset: 7n }
  ]
  for (const compression of ['none', 'gzip'] as const) {
    const batch = await encodeRecords(records, compression)
    expect(await decodeBatch(batch), compression).toEqual([
      { offset: 0n, timestamp: 5n, key: null, value: Buffer.from('a'.repeat(100)), headers: [header] },
      { offset: 1n, timestamp: 4n, key: Buffer.from('k'), value: null, headers: [] }
    ])
  }
  await expect(encodeRecords([])).rejects.toMatchObject({ code: 'MIRROR_BATCH_INVALID' })
})
