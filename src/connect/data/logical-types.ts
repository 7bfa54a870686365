import { MirrorError } from '../../base/errors.ts'
import { type Schema, type SchemaFacts, schemaOf } from './connect-data.ts'

const prefix = 'org.apache.kafka.connect.data.'

/** Names of schemas whose values are a `Date` or a `Decimal`, and which are stored as another type. */
export const logicalNames = {
  decimal: `${prefix}Decimal`,
  date: `${prefix}Date`,
  time: `${prefix}Time`,
  timestamp: `${prefix}Timestamp`
} as const

export const millisPerDay = 86_400_000

/** Days since 1970 as INT32. */
export function dateSchema(facts: SchemaFacts = {}): Schema {
  return schemaOf('INT32', { name: logicalNames.date, version: 1, ...facts })
}

/** Milliseconds since midnight as INT32. */
export function timeSchema(facts: SchemaFacts = {}): Schema {
  return schemaOf('INT32', { name: logicalNames.time, version: 1, ...facts })
}

/** Milliseconds since 1970 as INT64. */
export function timestampSchema(facts: SchemaFacts = {}): Schema {
  return schemaOf('INT64', { name: logicalNames.timestamp, version: 1, ...facts })
}

/** The unscaled number as BYTES, the scale as a parameter. */
export function decimalSchema(scale: number, facts: SchemaFacts = {}): Schema {
  return schemaOf('BYTES', { name: logicalNames.decimal, version: 1, parameters: { scale: String(scale) }, ...facts })
}

/** Throws MirrorError MIRROR_CONVERSION when there is a time of day in it. */
export function daysOf(date: Date): number {
  const days = date.getTime() / millisPerDay
  if (Number.isInteger(days)) return days
  throw new MirrorError('MIRROR_CONVERSION', `${date.toISOString()} is no Date: it has a time of day`)
}

/** Throws MirrorError MIRROR_CONVERSION when there is a day in it. */
export function millisOfDay(time: Date): number {
  const millis = time.getTime()
  if (millis >= 0 && millis < millisPerDay) return millis
  throw new MirrorError('MIRROR_CONVERSION', `${time.toISOString()} is no Time: it is not on 1970-01-01`)
}
