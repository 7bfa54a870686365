import { expect, it } from 'vitest'
import { Writer } from '../../../src/wire/writer.ts'

it('keeps a varint that does not fit the buffer any more', () => {
  for (const value of [0, 127, 128, 16_384]) {
    const fitting = new Writer(true).unsignedVarint(value).toBuffer()
    const first = Buffer.alloc(15, 7)
    const grown = new Writer(true, 16).raw(first).unsignedVarint(value).unsignedVarint(value).toBuffer()
    expect(grown).toEqual(Buffer.concat([first, fitting, fitting]))
  }
})
