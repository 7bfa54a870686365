import { type ConnectValue, type Schema, type SchemaType, Struct } from './connect-data.ts'
import { Decimal } from './decimal.ts'
import { logicalNames } from './logical-types.ts'

const whole =
  (bits: number) =>
  (value: ConnectValue): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)

const isNumber = (value: ConnectValue): boolean => typeof value === 'number'
const isDate = (value: ConnectValue): boolean => value instanceof Date

const checks: Readonly<Record<SchemaType, (value: ConnectValue, schema: Schema) => boolean>> = {
  INT8: whole(8),
  INT16: whole(16),
  INT32: whole(32),
  INT64: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  FLOAT32: isNumber,
  FLOAT64: isNumber,
  BOOLEAN: (value) => typeof value === 'boolean',
  STRING: (value) => typeof value === 'string',
  BYTES: (value) => Buffer.isBuffer(value),
  ARRAY: (value, { valueSchema }) =>
    Array.isArray(value) && value.every((item: ConnectValue) => fits(item, valueSchema)),
  MAP: (value, { keySchema, valueSchema }) =>
    value instanceof Map &&
    [...value].every(([key, item]: [ConnectValue, ConnectValue]) => fits(key, keySchema) && fits(item, valueSchema)),
  STRUCT: (value) => value instanceof Struct
}

const logicalChecks: Readonly<Record<string, (value: ConnectValue, schema: Schema) => boolean>> = {
  [logicalNames.decimal]: (value, { parameters }) =>
    value instanceof Decimal && String(value.scale) === parameters?.['scale'],
  [logicalNames.date]: isDate,
  [logicalNames.time]: isDate,
  [logicalNames.timestamp]: isDate
}

/** Whether a value is one of the schema. Structs are taken to be checked already, and by their own schema. */
export function fits(value: ConnectValue, schema: Schema | null): boolean {
  if (schema === null) return true
  if (value === null) return schema.optional
  const logical = schema.name !== null && Object.hasOwn(logicalChecks, schema.name) ? logicalChecks[schema.name] : null
  return logical?.(value, schema) ?? checks[schema.type](value, schema)
}
