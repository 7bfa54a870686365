import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addSequence, noProducer, patchHeader, producerStamp } from '../../../src/wire/patch-header.ts'
import {
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchOffsets,
  batchProducerEpoch,
  batchProducerId,
  isBatchCrcValid
} from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { arbitraryRecord, contentsOf, everyCodec, plainRecord, withAttributes } from '../../support/record-batches.ts'

const producer = fc
  .tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.integer({ min: -1, max: 32767 }), fc.boolean())
  .map(([id, epoch, transactional]) => ({ id, epoch, transactional, stamp: producerStamp(id, epoch, transactional) }))

describe('patchHeader', () => {
  it('sets its fields and leaves a valid CRC, for all codecs and sizes and twice in a row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryRecord, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(...everyCodec),
        fc.constantFrom(0, 0x08, 0x10, 0x40, 0xd8),
        fc.array(fc.tuple(producer, fc.integer({ min: -1, max: 2 ** 31 - 1 })), { minLength: 1, maxLength: 3 }),
        async (records, codec, bits, patches) => {
          const batch = withAttributes(
            await encodeBatch(
              [
                { ...plainRecord(0), offset: 77n },
                ...records.map((record, i) => ({ ...record, offset: 78n + BigInt(i) }))
              ],
              codec
            ),
            bits
          )
          const payload = Buffer.from(batch.subarray(batchOffsets.records))
          const padded = Buffer.concat([Buffer.alloc(5), batch, Buffer.alloc(5)])
          for (const [{ id, epoch, transactional, stamp }, sequence] of patches) {
            patchHeader(padded, 5, stamp, sequence)
            expect(isBatchCrcValid(padded, 5)).toBe(true)
            expect(batchBaseOffset(padded, 5)).toBe(0n)
            expect(padded.readInt32BE(5 + batchOffsets.leaderEpoch)).toBe(-1)
            expect(batchAttributes(padded, 5)).toBe(codec | (transactional ? 0x10 : 0))
            expect([batchProducerId(padded, 5), batchProducerEpoch(padded, 5)]).toEqual([id, epoch])
            expect(batchBaseSequence(padded, 5)).toBe(sequence)
          }
          expect(padded.subarray(5 + batchOffsets.records, -5)).toEqual(payload)
        }
      )
    )
  })

  it('keeps a corrupt batch corrupt', async () => {
    const batch = await encodeBatch([plainRecord(0)])
    batch.writeUInt8(batch.readUInt8(80) ^ 1, 80)
    patchHeader(batch, 0, producerStamp(12n, 3), 4)
    expect(isBatchCrcValid(batch, 0)).toBe(false)
  })

  it('leaves the records as they were', async () => {
    const batch = await encodeBatch([plainRecord(0), plainRecord(1)], 3)
    const before = await contentsOf(batch)
    patchHeader(batch, 0, noProducer, -1)
    expect(await contentsOf(batch)).toEqual(before)
  })

  it('refuses a control batch, untouched', async () => {
    const batch = withAttributes(await encodeBatch([plainRecord(0)]), 0x30)
    const before = Buffer.from(batch)
    expect(() => {
      patchHeader(batch, 0, noProducer, -1)
    }).toThrow('control batch')
    expect(batch).toEqual(before)
  })
})

it.each([
  [0, 5, 5],
  [2 ** 31 - 3, 5, 2],
  [2 ** 31 - 5, 5, 0],
  [2 ** 31 - 6, 5, 2 ** 31 - 1]
])('a batch at sequence %i with %i records is followed by sequence %i', (sequence, count, next) => {
  expect(addSequence(sequence, count)).toBe(next)
})
