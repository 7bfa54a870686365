import fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c, crc32cByte, crc32cZeros } from '../../../src/wire/crc32c.ts'
import { propertyRuns } from '../../support/property-runs.ts'

it('has the check value of CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
})

it('is the same in one piece, in two, and byte by byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const whole = crc32c(bytes)
      const middle = Math.min(cut, bytes.length)
      let register = -1
      for (const byte of bytes) register = crc32cByte(register, byte)
      expect(crc32c(bytes, middle, bytes.length, crc32c(bytes, 0, middle))).toBe(whole)
      expect(~register >>> 0).toBe(whole)
    })
  )
})

it('appends zero bytes as if they had been fed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(3000), (start, count) => {
      let register = start
      for (let index = 0; index < count; index++) register = crc32cByte(register, 0)
      expect(crc32cZeros(start, count) | 0).toBe(register | 0)
    })
  )
})

it('appends in parts of any size what it appends at once', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(2 ** 30 - 1), fc.nat(2 ** 30 - 1), (start, first, second) => {
      expect(crc32cZeros(crc32cZeros(start, first), second) | 0).toBe(crc32cZeros(start, first + second) | 0)
    }),
    propertyRuns(50)
  )
})
