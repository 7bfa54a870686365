import { describe, expect, it } from 'vitest'
import { Writer } from '../../../src/wire/writer.ts'

describe('Writer', () => {
  it('keeps a varint that does not fit the buffer any more', () => {
    for (const value of [0, 127, 128, 16_384]) {
      const fitting = new Writer(true).unsignedVarint(value).toBuffer()
      const first = Buffer.alloc(15, 7)
      const grown = new Writer(true, 16).raw(first).unsignedVarint(value).unsignedVarint(value).toBuffer()
      expect(grown).toEqual(Buffer.concat([first, fitting, fitting]))
    }
  })

  it('passes long byte runs on by reference and keeps the order around them', () => {
    const records = Buffer.alloc(4096, 7)
    const writer = new Writer(false, 16)
    writer.int32(1).bytes(records).int32(2)
    const chunks = writer.chunks()
    expect(chunks.some((chunk) => chunk.buffer === records.buffer && chunk.length === records.length)).toBe(true)
    expect(Buffer.concat(chunks)).toEqual(
      Buffer.concat([Buffer.from('0000000100001000', 'hex'), records, Buffer.from('00000002', 'hex')])
    )
  })

  it('counts what is copied, chained and regrown alike', () => {
    const writer = new Writer(true, 4)
    writer.string('x'.repeat(300)).raw(Buffer.alloc(1000)).int64(1n).raw(Buffer.alloc(10))
    expect(writer.length).toBe(2 + 300 + 1000 + 8 + 10)
    expect(writer.toBuffer()).toHaveLength(1320)
  })

  it('refuses a string that its length field cannot hold', () => {
    expect(() => new Writer().string('x'.repeat(32768))).toThrow(RangeError)
  })

  it('writes the client id of a flexible header with a 16-bit length', () => {
    expect(new Writer(true).classicString('id').classicString(null).toBuffer().toString('hex')).toBe('00026964ffff')
  })
})
