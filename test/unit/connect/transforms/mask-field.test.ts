import { expect, it } from 'vitest'
import { Findings } from '../../../../src/config/findings.ts'
import { traced } from '../../../../src/config/traced-properties.ts'
import { type ConnectValue, schemas, Struct, structSchema } from '../../../../src/connect/data/connect-data.ts'
import { transformationsByName } from '../../../../src/connect/transforms/transformation-table.ts'

const { int8, int32, int64, float32, float64 } = schemas
const types = { int8, int32, int64, float32, float64 } as const
const schema = structSchema(Object.entries(types).map(([name, type]) => ({ name, schema: type })))
const value = new Struct(schema, { int8: 5, int32: 7, int64: 9n, float32: 1, float64: 2 })

/** The field after masking, or undefined where that is refused. */
function masked(field: keyof typeof types, replacement: string): ConnectValue | undefined {
  const config = traced(Object.entries({ fields: field, replacement }))
  const mask = transformationsByName.get('MaskField$Value')?.create(config, new Findings(), (key) => key)
  const parts = { topic: 't', partition: 0, keySchema: null, key: null, timestamp: null, headers: [] }
  try {
    const out = mask?.apply({ ...parts, valueSchema: schema, value })
    return out?.value instanceof Struct ? out.value.get(field) : undefined
  } catch {
    return undefined
  }
}

/** A replacement, and what Java's class makes of it as INT8, INT32, INT64, FLOAT32 and FLOAT64. */
it.each([
  ['1.5', 1, 1, 1n, 1.5, 1.5],
  ['-1.99', -1, -1, -1n, Math.fround(-1.99), -1.99],
  ['1e2', 100, 100, 100n, 100, 100],
  ['.5', 0, 0, 0n, 0.5, 0.5],
  ['+7', 7, 7, 7n, 7, 7],
  ['99999999999999999999', -1, 1_661_992_959, 7_766_279_631_452_241_919n, Math.fround(1e20), 1e20],
  ['1e64', 0, 0, 0n, Infinity, 1e64],
  ['1e-999999999', 0, 0, 0n, 0, 0],
  ['0x10', undefined, undefined, undefined, undefined, undefined],
  ['NaN', undefined, undefined, undefined, undefined, undefined],
  ['1d', undefined, undefined, undefined, undefined, undefined]
])('%s stands for numbers as in the reference', (replacement, ...expected) => {
  const fields = ['int8', 'int32', 'int64', 'float32', 'float64'] as const
  expect(fields.map((field) => masked(field, replacement))).toEqual(expected)
})
