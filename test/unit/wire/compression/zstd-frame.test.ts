import zstd from '@mongodb-js/zstd'
import { expect, it } from 'vitest'
import { zstdInflatedBound } from '../../../../src/wire/compression/zstd-frame.ts'

it.each([1, 1000, 131_072, 131_073, 3_000_000])('bounds a frame of %i bytes', async (size) => {
  const bound = zstdInflatedBound(await zstd.compress(Buffer.alloc(size, 'abcdefgh')))
  expect(bound).toBeGreaterThanOrEqual(size)
  expect(bound).toBeLessThan(size + 131_072)
})

it('counts stored and repeated bytes of a frame without content size, over skipped frames', () => {
  // Window 1 KB; three stored bytes; 1000 times 'z', the last block. Before it a skippable frame of two bytes.
  const frame = Buffer.from('502a4d1802000000ffff' + '28b52ffd0000' + '180000616263' + '431f007a', 'hex')
  expect(zstdInflatedBound(frame)).toBe(1003)
})

it('believes a content size that is larger than the blocks', () => {
  const frame = Buffer.from('28b52ffd' + 'a0' + '00000040' + '010000', 'hex')
  expect(zstdInflatedBound(frame)).toBe(2 ** 30)
})

it('refuses a frame that ends within a block', () => {
  expect(() => zstdInflatedBound(Buffer.from('28b52ffd0000180000', 'hex'))).toThrow('cut short')
})
