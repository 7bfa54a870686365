import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError, Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'

const read = (hex: string, flexible = false): Reader => new Reader(Buffer.from(hex, 'hex'), flexible)

describe('Reader', () => {
  it('reads back every primitive that Writer writes, in both forms', () => {
    const values = fc.record({
      int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      varint: fc.nat({ max: 0xffffffff }),
      text: fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: null }),
      bytes: fc.option(fc.uint8Array({ maxLength: 1200 }), { nil: null }),
      numbers: fc.option(fc.array(fc.integer()), { nil: null })
    })
    fc.assert(
      fc.property(fc.boolean(), fc.array(values, { maxLength: 5 }), (flexible, rows) => {
        const writer = new Writer(flexible, 16)
        for (const { int64, varint, text, bytes, numbers } of rows) {
          writer
            .int64(int64)
            .unsignedVarint(varint)
            .nullableString(text)
            .bytes(bytes && Buffer.from(bytes))
          writer.nullableArray(numbers, (number) => writer.int32(number)).noTags()
        }
        const reader = new Reader(writer.toBuffer(), flexible)
        const back = rows.map(() => {
          const row = {
            int64: reader.int64(),
            varint: reader.unsignedVarint(),
            text: reader.nullableString(),
            bytes: reader.nullableBytes(),
            numbers: reader.nullableArray(() => reader.int32())
          }
          reader.skipTags()
          return row
        })
        expect(back).toEqual(rows.map((row) => ({ ...row, bytes: row.bytes === null ? null : Buffer.from(row.bytes) })))
        expect(reader.remaining).toBe(0)
      })
    )
  })

  it.each([
    { what: 'an array longer than the bytes left', hex: '7fffffff', flexible: false },
    { what: 'a compact array longer than the bytes left', hex: 'ffffffff0f', flexible: true },
    { what: 'an array length below -1', hex: 'fffffffe', flexible: false }
  ])('refuses $what before it reads an element', ({ hex, flexible }) => {
    let elements = 0
    expect(() => read(hex, flexible).array(() => elements++)).toThrow(ProtocolError)
    expect(elements).toBe(0)
  })

  it.each([
    { what: 'a string beyond the end', run: () => read('0005616263').string() },
    { what: 'a null string where one is required', run: () => read('ffff').string() },
    { what: 'a string length below -1', run: () => read('fffe').nullableString() },
    { what: 'a byte run beyond the end', run: () => read('7fffffff00').nullableBytes() },
    { what: 'a byte run length below -1', run: () => read('80000000').nullableBytes() },
    { what: 'a varint of six bytes', run: () => read('ffffffffff01').unsignedVarint() },
    { what: 'an int64 of four bytes', run: () => read('00000000').int64() },
    {
      what: 'more tagged fields than bytes',
      run: () => {
        read('ffffffff0f000000', true).skipTags()
      }
    },
    {
      what: 'a tagged field beyond the end',
      run: () => {
        read('0100ffffffff0f', true).skipTags()
      }
    }
  ])('refuses $what', ({ run }) => {
    expect(run).toThrow(ProtocolError)
  })

  it('hands each tagged field to the visitor alone and goes on behind all of them', () => {
    const reader = read('02' + '00' + '02' + '0005' + '63' + '01' + 'ff' + '2a', true)
    const seen: [number, number][] = []
    reader.tags(seen, (target, tag, field) => target.push([tag, field.remaining]))
    expect(seen).toEqual([
      [0, 2],
      [99, 1]
    ])
    expect(reader.int8()).toBe(42)
  })

  it('keeps a visitor that reads too much inside its field', () => {
    const reader = read('01' + '00' + '01' + '05' + '00000000', true)
    expect(() => {
      reader.tags(null, (_, __, field) => field.int32())
    }).toThrow(ProtocolError)
  })

  it('reads the zero UUID as null and copies any other', () => {
    const frame = Buffer.from('00'.repeat(16) + '01'.repeat(16), 'hex')
    const reader = new Reader(frame)
    expect(reader.uuid()).toBeNull()
    const id = reader.uuid()
    frame.fill(7)
    expect(id).toEqual(Buffer.alloc(16, 1))
  })

  it('returns byte runs as views into the frame', () => {
    const frame = Buffer.from('00000002aabb', 'hex')
    const bytes = new Reader(frame).bytes()
    frame[4] = 0
    expect(bytes).toEqual(Buffer.from('00bb', 'hex'))
  })
})
