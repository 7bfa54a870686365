import { describe, expect, it } from 'vitest'
import { Findings } from '../../../../src/config/findings.ts'
import { traced } from '../../../../src/config/traced-properties.ts'
import { convertersByName, headerConvertersByName } from '../../../../src/connect/converters/converter-table.ts'
import {
  type ConnectValue,
  type Schema,
  schemaOf,
  schemas,
  Struct,
  structSchema
} from '../../../../src/connect/data/connect-data.ts'
import { Decimal } from '../../../../src/connect/data/decimal.ts'
import { dateSchema, decimalSchema, timeSchema, timestampSchema } from '../../../../src/connect/data/logical-types.ts'

/** What a converter writes, or undefined where it throws. */
function converted(
  name: string,
  schema: Schema | null,
  value: ConnectValue,
  config: [string, string][] = []
): Buffer | null | undefined {
  const converter = convertersByName.get(name)?.create(traced(config), new Findings(), (key) => key)
  try {
    return converter?.fromConnectData('t', schema, value)
  } catch {
    return undefined
  }
}

const text = (...from: Parameters<typeof converted>): string | null | undefined => {
  const bytes = converted(...from)
  return bytes === null || bytes === undefined ? bytes : bytes.toString()
}

const pair = structSchema([
  { name: 'a', schema: schemas.int32 },
  { name: 'b', schema: schemas.string },
  { name: 'c', schema: schemas.optionalBytes }
])
const struct = new Struct(pair, { a: 1, b: 'x"y', c: Buffer.from([1, 2]) })
const list = schemaOf('ARRAY', { valueSchema: schemas.string })
const map = schemaOf('MAP', { keySchema: schemas.string, valueSchema: schemas.int32 })
const when = new Date(1_577_960_430_123)

/** Schema, value, and what the reference's classes write: header text, Java text, JSON payload. */
const vectors: readonly [Schema | null, ConnectValue, string | null, string | null | undefined, string | null][] = [
  [schemas.string, 'a"b', 'a"b', 'a"b', '"a\\"b"'],
  [schemas.bytes, Buffer.from([1, 2, 3]), 'AQID', undefined, '"AQID"'],
  [list, ['a', 'b"c'], '["a","b\\"c"]', '[a, b"c]', '["a","b\\"c"]'],
  [
    map,
    new Map([
      ['x', 1],
      ['y', 2]
    ]),
    '{"x":1,"y":2}',
    '{x=1, y=2}',
    '{"x":1,"y":2}'
  ],
  [pair, struct, '{"a":1,"b":"x\\"y","c":"AQI="}', undefined, '{"a":1,"b":"x\\"y","c":"AQI="}'],
  [timestampSchema(), when, '2020-01-02T10:20:30.123Z', 'Thu Jan 02 10:20:30 UTC 2020', '1577960430123'],
  [dateSchema(), new Date(1_577_923_200_000), '2020-01-02', 'Thu Jan 02 00:00:00 UTC 2020', '18263'],
  [timeSchema(), new Date(37_230_123), '10:20:30.123Z', 'Thu Jan 01 10:20:30 UTC 1970', '37230123'],
  [decimalSchema(2), new Decimal(1234n, 2), '12.34', '12.34', '"BNI="'],
  [schemas.float64, 1.5e10, '1.5E10', '1.5E10', '1.5E10'],
  [schemas.int8, 5, '5', '5', '5'],
  [null, null, null, null, null],
  [schemas.boolean, true, 'true', 'true', 'true'],
  [schemas.float32, Math.fround(0.1), '0.1', '0.1', '0.1'],
  [schemas.float64, 3, '3.0', '3.0', '3.0'],
  [schemas.float64, 1e-5, '1.0E-5', '1.0E-5', '1.0E-5'],
  [schemas.float64, NaN, 'NaN', 'NaN', '"NaN"'],
  [schemas.int64, 9_007_199_254_740_993n, '9007199254740993', '9007199254740993', '9007199254740993']
]

describe('converters', () => {
  it.each(vectors)('write %o %o as the reference does', (...vector) => {
    const [schema, value, headerText, javaText, json] = vector
    const simple = headerConvertersByName.get('org.apache.kafka.connect.storage.SimpleHeaderConverter')
    const header = simple
      ?.create(new Map(), new Findings(), (key) => key)
      ?.fromConnectHeader('t', { key: 'h', schema, value })
    expect(header?.toString() ?? null).toBe(headerText)
    // Java writes the address of an array for bytes; here that is an error.
    expect(text('String', schema, value)).toBe(javaText)
    expect(text('Json', schema, value, [['schemas.enable', 'false']])).toBe(json)
  })

  it('JSON has an envelope unless that is switched off, with the schema in the order of the reference', () => {
    const schema = structSchema(
      [
        { name: 'i', schema: schemaOf('INT32', { optional: true, defaultValue: 7 }) },
        { name: 'm', schema: schemaOf('MAP', { keySchema: schemas.int32, valueSchema: schemas.float32 }) }
      ],
      { optional: true, name: 'n', version: 2, doc: 'd', parameters: { p: 'q' } }
    )
    expect(text('Json', schema, new Struct(schema, { m: new Map([[1, Math.fround(0.1)]]) }))).toBe(
      '{"schema":{"type":"struct","fields":[{"type":"int32","optional":true,"default":7,"field":"i"},' +
        '{"type":"map","keys":{"type":"int32","optional":false},"values":{"type":"float","optional":false},"optional":false,"field":"m"}],' +
        '"optional":true,"name":"n","version":2,"doc":"d","parameters":{"p":"q"}},"payload":{"i":7,"m":[[1,0.1]]}}'
    )
    expect(text('Json', null, 'é\u0001𝒳')).toBe('{"schema":null,"payload":"é\\u0001\\uD835\\uDCB3"}')
    expect(text('Json', schemas.optionalBytes, null, [['schemas.enable', 'false']])).toBe('null')
  })

  it('JSON has decimals as numbers when asked', () => {
    expect(
      text('Json', decimalSchema(2), new Decimal(-1234n, 2), [
        ['schemas.enable', 'false'],
        ['decimal.format', 'numeric']
      ])
    ).toBe('-12.34')
  })

  it('JSON refuses what does not fit its schema', () => {
    expect(text('Json', schemas.int8, 300)).toBeUndefined()
    expect(text('Json', decimalSchema(3), new Decimal(1n, 2))).toBeUndefined()
    expect(text('Json', dateSchema(), when)).toBeUndefined()
    expect(text('Json', schemas.string, null)).toBeUndefined()
  })

  it.each([
    ['Short', schemaOf('INT16'), -2, 'fffe'],
    ['Integer', schemas.int32, 258, '00000102'],
    ['Long', schemas.int64, -2n, 'fffffffffffffffe'],
    ['Float', schemas.float32, 1.5, '3fc00000'],
    ['Double', schemas.float64, 1.5, '3ff8000000000000'],
    ['Boolean', schemas.boolean, true, '01']
  ] as const)('%s is big-endian, and takes its own type only', (name, schema, value, hex) => {
    expect(converted(name, schema, value)?.toString('hex')).toBe(hex)
    expect(converted(name, null, value)?.toString('hex')).toBe(hex)
    expect(converted(name, schema, null)).toBeNull()
    expect(converted(name, schemas.string, 'x')).toBeUndefined()
    expect(converted(name, null, 'x')).toBeUndefined()
  })

  it('ByteArray gives the same buffer back, and takes bytes only', () => {
    const bytes = Buffer.from('x')
    expect(converted('ByteArray', schemas.optionalBytes, bytes)).toBe(bytes)
    expect(converted('ByteArray', null, bytes)).toBe(bytes)
    expect(converted('ByteArray', null, 'x')).toBeUndefined()
    expect(converted('ByteArray', schemas.string, 'x')).toBeUndefined()
  })

  it('String writes a question mark for what its encoding lacks', () => {
    expect(converted('String', null, 'aé€', [['converter.encoding', 'ISO-8859-1']])?.toString('hex')).toBe('61e93f')
  })

  it.each([
    [0n, '00'],
    [127n, '7f'],
    [128n, '0080'],
    [-1n, 'ff'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [-32_769n, 'ff7fff']
  ])('a decimal of %i is as short as in Java', (unscaled, hex) => {
    expect(new Decimal(unscaled, 0).unscaledBytes().toString('hex')).toBe(hex)
  })
})
