import { describe, expect, it } from 'vitest'
import { AbortedTransactions, controlType } from '../../../src/wire/aborted-transactions.ts'
import { batchOffsets } from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { plainRecord, reseal, withAttributes } from '../../support/record-batches.ts'

async function dataBatch(offset: bigint, producerId: bigint, transactional = true): Promise<Buffer> {
  const batch = await encodeBatch([{ ...plainRecord(0), offset }], 3)
  batch.writeBigInt64BE(producerId, batchOffsets.producerId)
  return withAttributes(batch, transactional ? 0x10 : 0)
}

async function marker(offset: bigint, producerId: bigint, type: number): Promise<Buffer> {
  const key = Buffer.from([0, 0, 0, type])
  const batch = await encodeBatch([{ offset, timestamp: 5n, key, value: Buffer.alloc(6) }])
  batch.writeBigInt64BE(producerId, batchOffsets.producerId)
  return withAttributes(batch, 0x30)
}

const abort = 0
const commit = 1

async function verdicts(
  aborted: { producerId: bigint; firstOffset: bigint }[],
  batches: Promise<Buffer>[]
): Promise<string[]> {
  const filter = new AbortedTransactions(aborted)
  return (await Promise.all(batches)).map((batch) => filter.verdict(batch, 0))
}

describe('AbortedTransactions', () => {
  it('drops what its producer wrote from the first aborted offset to the marker', async () => {
    const result = await verdicts(
      [
        { producerId: 8n, firstOffset: 13n },
        { producerId: 7n, firstOffset: 11n }
      ],
      [
        dataBatch(10n, 7n),
        dataBatch(11n, 7n),
        dataBatch(12n, 8n),
        dataBatch(13n, 8n),
        marker(14n, 7n, abort),
        dataBatch(15n, 7n),
        dataBatch(16n, 8n),
        dataBatch(17n, 8n, false),
        marker(18n, 8n, abort),
        dataBatch(19n, 8n),
        marker(20n, 8n, commit)
      ]
    )
    const expected = 'data aborted data aborted control data aborted data control data control'
    expect(result.join(' ')).toBe(expected)
  })

  it('drops from the start of a response that begins inside an aborted transaction', async () => {
    const list = [{ producerId: 7n, firstOffset: 2n }]
    expect(await verdicts(list, [dataBatch(10n, 7n), marker(11n, 7n, abort), dataBatch(12n, 7n)])).toEqual([
      'aborted',
      'control',
      'data'
    ])
  })

  it('is not ended by a commit of another transaction that the list does not name', async () => {
    const list = [{ producerId: 7n, firstOffset: 2n }]
    expect(await verdicts(list, [marker(3n, 9n, abort), marker(4n, 9n, commit), dataBatch(5n, 7n)])).toEqual([
      'control',
      'control',
      'aborted'
    ])
  })

  it('without a list drops nothing but markers', async () => {
    expect(await verdicts([], [dataBatch(1n, 7n), marker(2n, 7n, abort)])).toEqual(['data', 'control'])
  })
})

describe('controlType', () => {
  it('reads the marker', async () => {
    expect([controlType(await marker(0n, 7n, abort), 0), controlType(await marker(0n, 7n, commit), 0)]).toEqual([
      'abort',
      'commit'
    ])
  })

  it('knows no other types, nor one in a batch that a cleaner emptied', async () => {
    const emptied = (await marker(0n, 7n, abort)).subarray(0, 61)
    emptied.writeInt32BE(49, batchOffsets.length)
    emptied.writeInt32BE(0, batchOffsets.recordCount)
    expect(controlType(reseal(emptied), 0)).toBe('other')
    expect(controlType(await marker(0n, 7n, 3), 0)).toBe('other')
  })
})
