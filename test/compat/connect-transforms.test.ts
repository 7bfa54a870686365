import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { Findings } from '../../src/config/findings.ts'
import { traced } from '../../src/config/traced-properties.ts'
import { JsonConverter } from '../../src/connect/converters/json-converter.ts'
import { type ConnectRecord } from '../../src/connect/data/connect-record.ts'
import {
  type ConnectValue,
  type Schema,
  schemaOf,
  schemas,
  Struct,
  structSchema
} from '../../src/connect/data/connect-data.ts'
import { Decimal } from '../../src/connect/data/decimal.ts'
import { dateSchema, decimalSchema, timeSchema, timestampSchema } from '../../src/connect/data/logical-types.ts'
import { type Transformation } from '../../src/connect/data/plugin-interfaces.ts'
import { transformationsByName } from '../../src/connect/transforms/transformation-table.ts'
import vectors from './vectors/connect-transforms.json' with { type: 'json' }

const time = 1_577_960_430_123n
const midnight = 1_577_923_200_000
const when = new Date(Number(time))
const text = (value: string): readonly [Schema, ConnectValue] => [schemas.string, value]

const fields = (types: Readonly<Record<string, Schema>>): { name: string; schema: Schema }[] =>
  Object.entries(types).map(([name, schema]) => ({ name, schema }))

function wideStruct(): readonly [Schema, ConnectValue] {
  const withDefault = (defaultValue: string): Schema => schemaOf('STRING', { optional: true, defaultValue })
  const deep = structSchema(fields({ x: withDefault('dx'), y: schemas.int32 }))
  const nest = structSchema(fields({ a: schemas.int32, deep }))
  const { int8: i8, int32: i32, int64: i64, float32: f32, float64: f64, boolean: b, string: s, bytes } = schemas
  const scalars = { i8, i32, i64, f32, f64, b, s, bytes }
  const logical = { date: dateSchema(), time: timeSchema(), ts: timestampSchema(), dec: decimalSchema(2) }
  const list = schemaOf('ARRAY', { valueSchema: s })
  const map = schemaOf('MAP', { keySchema: s, valueSchema: i32 })
  const types = { ...scalars, ...logical, nest, list, map, opt: withDefault('def'), 'dot.ted': i32 }
  const schema = structSchema(fields(types), { name: 'n', version: 1, doc: 'd' })
  const value = new Struct(schema, {
    ...{ i8: 5, i32: 300, i64: 9_007_199_254_740_993n, f32: 1.5, f64: -2.5e10, b: true, s: '12' },
    ...{ bytes: Buffer.from([1, 2]), date: new Date(midnight), time: new Date(37_230_123), ts: when },
    ...{ dec: new Decimal(1234n, 2), nest: new Struct(nest, { a: 7, deep: new Struct(deep, { y: 8 }) }) },
    ...{ list: ['p', 'q'], map: new Map([['k', 1]]), 'dot.ted': 99 }
  })
  return [schema, value]
}

function nestedStruct(o: ConnectValue, l: readonly number[]): readonly [Schema, ConnectValue] {
  const r = structSchema(fields({ z: schemas.boolean }))
  const types = { a: schemas.int32, o: innerSchema, r, l: schemaOf('ARRAY', { valueSchema: schemas.int32 }) }
  const schema = structSchema(fields(types), { name: 'nn' })
  return [schema, new Struct(schema, { a: 1, o, r: new Struct(r, { z: true }), l })]
}

const innerSchema = structSchema(fields({ c: schemas.string, d: schemaOf('INT32', { defaultValue: 4 }) }), {
  optional: true
})

/** The values that the reference's classes were given. */
const inputs: Readonly<Record<string, () => readonly [Schema | null, ConnectValue]>> = {
  struct: wideStruct,
  'no-time': wideStruct,
  map: () => [
    null,
    new Map<string, ConnectValue>([
      ['a', 1],
      ['s', 'x'],
      ['n', new Map([['m', new Map([['x', 'y']])]])],
      ['t', time],
      ['nul', null]
    ])
  ],
  bytes: () => [schemas.optionalBytes, Buffer.from([1, 2, 3])],
  tombstone: () => [schemas.optionalBytes, null],
  text: () => text('2020-01-02T10:20:30.123+0200'),
  long: () => [schemas.int64, time],
  timestamp: () => [timestampSchema(), when],
  date: () => [dateSchema({ optional: true }), new Date(midnight)],
  nested: () => nestedStruct(new Struct(innerSchema, { c: 'v' }), [1, 2]),
  'nested-null': () => nestedStruct(null, [])
}

function record(input: string): ConnectRecord {
  const [valueSchema, value] = inputs[input]?.() ?? text(input)
  const isBytes = input === 'bytes' || input === 'tombstone'
  const keySchema = isBytes ? schemas.optionalBytes : valueSchema === null ? null : schemas.string
  const headers = [
    { key: 'x', schema: schemas.string, value: '1' },
    { key: 'y', schema: schemas.string, value: '2' },
    { key: 'x', schema: schemas.string, value: '3' }
  ]
  const rest = { valueSchema, value, timestamp: input === 'no-time' ? null : time, headers }
  return { topic: 'topics', partition: 3, keySchema, key: isBytes ? Buffer.from([9]) : '12', ...rest }
}

const json = new JsonConverter({ hasEnvelope: true, decimalFormat: 'BASE64', replacesNull: true })
const jsonText = (schema: Schema | null, value: ConnectValue): string | null =>
  json.fromConnectData('t', schema, value)?.toString() ?? null

function make(className: string, config: Readonly<Record<string, string>>): Transformation {
  const findings = new Findings()
  const made = transformationsByName
    .get(`org.apache.kafka.connect.transforms.${className}`)
    ?.create(traced(Object.entries(config)), findings, (key) => key)
  if (made === null || made === undefined) throw new ConfigError(findings.problems)
  return made
}

function outcome(className: string, config: Readonly<Record<string, string>>, input: string): unknown {
  let transformation: Transformation
  try {
    transformation = make(className, config)
  } catch {
    return 'refused'
  }
  try {
    const result = transformation.apply(record(input))
    if (result === null) return 'dropped'
    const headers = result.headers.map(({ key, schema, value }) => `${key}=${jsonText(schema, value)}`)
    return [
      result.topic,
      jsonText(result.keySchema, result.key),
      jsonText(result.valueSchema, result.value),
      ...headers
    ]
  } catch {
    return 'error'
  }
}

/** JSON taken apart: the members of maps come in another order than in Java's hash maps. */
function read(result: unknown): unknown {
  if (!Array.isArray(result)) return result
  return result.map((part: unknown) => {
    if (typeof part !== 'string') return part
    const [, name, value]: (string | undefined)[] = /^(?:(\w+)=)?(\{.*)$/s.exec(part) ?? []
    return value === undefined ? part : [name, JSON.parse(value)]
  })
}

describe('transforms', () => {
  it.each(vectors)('$class with $config makes of the record "$input" what the reference makes', (vector) => {
    const config: Record<string, string> = { ...vector.config }
    expect(read(outcome(vector.class, config, vector.input))).toEqual(read(vector.result))
  })
})
