import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../../src/wire/reader.ts'
import { batchEnd, batchOffsets, isDenseBatch } from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { arbitraryRecords, plainRecord } from '../../support/record-batches.ts'

function walk(records: Buffer): number[] {
  const ends: number[] = []
  let end = batchEnd(records, 0)
  while (end > 0) {
    ends.push(end)
    end = batchEnd(records, end)
  }
  return ends
}

describe('batchEnd', () => {
  it('finds every whole batch and stops at a tail that is cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryRecords,
        arbitraryRecords,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (a, b, part) => {
          const first = await encodeBatch(a)
          const second = await encodeBatch(b)
          const kept = Math.floor(part * (second.length - 1))
          expect(walk(Buffer.concat([first, second]))).toEqual([first.length, first.length + second.length])
          expect(walk(Buffer.concat([first, second.subarray(0, kept)]))).toEqual([first.length])
        }
      )
    )
  })

  it.each([-1, 0, 48, -(2 ** 31)])('refuses length %i', async (length) => {
    const batch = await encodeBatch([plainRecord(0)])
    batch.writeInt32BE(length, batchOffsets.length)
    expect(() => batchEnd(batch, 0)).toThrow(ProtocolError)
  })

  it.each([3, -1, 127])('refuses magic %i', async (magic) => {
    const batch = await encodeBatch([plainRecord(0)])
    batch.writeInt8(magic, batchOffsets.magic)
    expect(() => batchEnd(batch, 0)).toThrow(ProtocolError)
  })

  it.each([-1, 100, 2 ** 31 - 1])('refuses %i records in the bytes of one', async (count) => {
    const batch = await encodeBatch([plainRecord(0)])
    batch.writeInt32BE(count, batchOffsets.recordCount)
    expect(() => batchEnd(batch, 0)).toThrow(ProtocolError)
  })

  it('waits for the magic byte before it judges', () => {
    expect(batchEnd(Buffer.alloc(16, 255), 0)).toBe(-1)
  })
})

it('calls a batch dense when its offsets have no hole', async () => {
  const at = (offset: bigint) => ({ ...plainRecord(0), offset })
  expect(isDenseBatch(await encodeBatch([at(5n), at(6n), at(7n)]), 0)).toBe(true)
  expect(isDenseBatch(await encodeBatch([at(5n), at(7n)]), 0)).toBe(false)
})
