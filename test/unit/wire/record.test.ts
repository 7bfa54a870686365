import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../src/base/errors.ts'
import { decodeBatch, encodeBatch } from '../../../src/wire/record.ts'
import { kafkajsBatch } from '../../support/kafkajs-batches.ts'
import {
  arbitraryGappyRecords,
  asText,
  everyCodec,
  plainRecord,
  withAttributes,
  withoutOffset
} from '../../support/record-batches.ts'

describe('records', () => {
  it('come out of a batch as they went in: holes, nulls, any times, headers byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryGappyRecords, fc.constantFrom(...everyCodec), async (records, codec) => {
        const decoded = await decodeBatch(await encodeBatch(records, codec))
        expect(decoded.map(withoutOffset)).toEqual(records.map(withoutOffset))
        expect(decoded.map((record) => record.offset)).toEqual(records.map((record) => record.offset))
      })
    )
  })

  it.each(everyCodec)('survive codec %i when the payload is large', async (codec) => {
    const records = Array.from({ length: 3000 }, (_, index) => plainRecord(index))
    const decoded = await decodeBatch(await encodeBatch(records, codec))
    expect(asText(decoded)).toBe(asText(records))
  })

  it('of a LogAppendTime batch have its append time', async () => {
    const batch = withAttributes(await encodeBatch([plainRecord(3), plainRecord(9), plainRecord(4)]), 0x08)
    const times = (await decodeBatch(batch)).map((record) => record.timestamp)
    expect(times).toEqual([plainRecord(9).timestamp, plainRecord(9).timestamp, plainRecord(9).timestamp])
  })

  it('are refused when a bit of the batch has changed', async () => {
    const batch = await encodeBatch([plainRecord(0)])
    batch.writeUInt8(batch.readUInt8(90) ^ 4, 90)
    await expect(decodeBatch(batch)).rejects.toMatchObject({ code: 'MIRROR_BATCH_INVALID' })
  })

  it('are needed for a batch', async () => {
    await expect(encodeBatch([])).rejects.toThrow(MirrorError)
  })
})

it.each([0, 1] as const)('reads what kafkajs writes, codec %i', async (codec) => {
  const records = [
    { offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.from('v'), headers: {} },
    { offsetDelta: 1, timestampDelta: -5, key: Buffer.alloc(0), value: null, headers: { a: '1', twice: ['2', '3'] } },
    {
      offsetDelta: 2,
      timestampDelta: 3_000_000_000,
      key: Buffer.alloc(300, 1),
      value: Buffer.alloc(9000, 2),
      headers: { größe: '' }
    }
  ]
  const decoded = await decodeBatch(await kafkajsBatch(records, 1_700_000_000_000, codec))
  const text = (value: string): Buffer => Buffer.from(value)
  expect(decoded).toEqual([
    { offset: 0n, timestamp: 1_700_000_000_000n, key: null, value: text('v'), headers: [] },
    {
      offset: 1n,
      timestamp: 1_699_999_999_995n,
      key: Buffer.alloc(0),
      value: null,
      headers: [
        [text('a'), text('1')],
        [text('twice'), text('2')],
        [text('twice'), text('3')]
      ]
    },
    {
      offset: 2n,
      timestamp: 1_703_000_000_000n,
      key: Buffer.alloc(300, 1),
      value: Buffer.alloc(9000, 2),
      headers: [[text('größe'), text('')]]
    }
  ])
})
