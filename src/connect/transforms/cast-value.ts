import { MirrorError } from '../../base/errors.ts'
import { javaTrim, parseDouble } from '../../config/java-values.ts'
import { type ConnectValue, type Schema } from '../data/connect-data.ts'
import { Decimal } from '../data/decimal.ts'
import { numberText } from '../data/java-number-text.ts'
import { daysOf, logicalNames, millisOfDay } from '../data/logical-types.ts'
import { dateText } from '../data/value-text.ts'
import { kindOf } from './struct-edit.ts'

export const castTypes = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string'] as const
export type CastType = (typeof castTypes)[number]

/** A primitive value as another type, by Java's conversions. Throws MirrorError MIRROR_CONVERSION. */
export function castValue(value: ConnectValue, schema: Schema | null, type: CastType): ConnectValue {
  if (value === null) return null
  if (type === 'string') return textOf(value, schema)
  const encoded = value instanceof Date ? encodedDate(value, schema) : value
  if (type === 'boolean') return booleanOf(encoded)
  if (type === 'float32' || type === 'float64') {
    const number = typeof encoded === 'string' ? javaDouble(encoded) : Number(numeric(encoded, type))
    return type === 'float32' ? Math.fround(number) : number
  }
  return integerOf(encoded, type)
}

const bitsOf = { int8: 8, int16: 16, int32: 32, int64: 64 } as const

function integerOf(value: ConnectValue, type: keyof typeof bitsOf): number | bigint {
  const bits = bitsOf[type]
  const long = typeof value === 'string' ? parsedInteger(value, bits) : narrowed(numeric(value, type), bits)
  return type === 'int64' ? long : Number(long)
}

/** Text must fit the type; numbers are cut to it. */
function parsedInteger(text: string, bits: number): bigint {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
  if (value !== undefined && BigInt.asIntN(bits, value) === value) return value
  throw new MirrorError('MIRROR_CONVERSION', `"${text}" is no number of ${bits} bits`)
}

/** Floating-point numbers are rounded towards zero and kept within 32 or 64 bits before the upper bits go. */
function narrowed(value: number | bigint | Decimal, bits: number): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(bits, value)
  if (value instanceof Decimal) return BigInt.asIntN(bits, value.longValue())
  if (Number.isNaN(value)) return 0n
  const limit = 2 ** (bits === 64 ? 63 : 31)
  if (value >= limit) return BigInt.asIntN(bits, BigInt(limit) - 1n)
  if (value <= -limit) return BigInt.asIntN(bits, -BigInt(limit))
  return BigInt.asIntN(bits, BigInt(Math.trunc(value)))
}

function numeric(value: ConnectValue, type: CastType): number | bigint | Decimal {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Decimal) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new MirrorError('MIRROR_CONVERSION', `A value of the kind ${kindOf(value)} cannot be cast to ${type}`)
}

function booleanOf(value: ConnectValue): boolean {
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  return narrowed(numeric(value, 'boolean'), 64) !== 0n
}

function javaDouble(text: string): number {
  const trimmed = javaTrim(text)
  if (/^[+-]?(NaN|Infinity)$/.test(trimmed)) return Number(trimmed)
  const parsed = parseDouble(trimmed)
  if (parsed.ok) return parsed.value
  throw new MirrorError('MIRROR_CONVERSION', `"${text}" is no number`)
}

function encodedDate(date: Date, schema: Schema | null): ConnectValue {
  if (schema?.name === logicalNames.date) return daysOf(date)
  if (schema?.name === logicalNames.time) return millisOfDay(date)
  if (schema?.name === logicalNames.timestamp) return BigInt(date.getTime())
  throw new MirrorError('MIRROR_CONVERSION', 'A date without a schema can only be cast to string')
}

function textOf(value: ConnectValue, schema: Schema | null): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value, schema?.type ?? null)
  if (value instanceof Date) return dateText(value)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (typeof value === 'boolean' || typeof value === 'bigint' || value instanceof Decimal) return value.toString()
  throw new MirrorError('MIRROR_CONVERSION', `A value of the kind ${kindOf(value)} cannot be cast to string`)
}
