import { MirrorError } from '../../base/errors.ts'
import { type ConnectValue, type Schema, schemaOf } from '../data/connect-data.ts'
import { dateSchema, logicalNames, millisPerDay, timeSchema, timestampSchema } from '../data/logical-types.ts'
import { type SimpleDateFormat } from './simple-date-format.ts'
import { kindOf } from './struct-edit.ts'

export const timestampTypes = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const
export type TimestampType = (typeof timestampTypes)[number]

export const unixPrecisions = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const
export type UnixPrecision = (typeof unixPrecisions)[number]

export interface TimestampFormat {
  /** For strings; null where none is configured. */
  readonly text: SimpleDateFormat | null
  readonly precision: UnixPrecision
}

const nanosPerUnit: Readonly<Record<UnixPrecision, bigint>> = {
  seconds: 1_000_000_000n,
  milliseconds: 1_000_000n,
  microseconds: 1000n,
  nanoseconds: 1n
}

export function timestampTypeSchema(type: TimestampType, optional: boolean): Schema {
  if (type === 'string') return schemaOf('STRING', { optional })
  if (type === 'unix') return schemaOf('INT64', { optional })
  if (type === 'Date') return dateSchema({ optional })
  return type === 'Time' ? timeSchema({ optional }) : timestampSchema({ optional })
}

/** Throws MirrorError MIRROR_CONVERSION when the schema holds no kind of timestamp. */
export function timestampTypeOf(schema: Schema): TimestampType {
  if (schema.name === logicalNames.timestamp) return 'Timestamp'
  if (schema.name === logicalNames.date) return 'Date'
  if (schema.name === logicalNames.time) return 'Time'
  if (schema.type === 'STRING') return 'string'
  if (schema.type === 'INT64') return 'unix'
  throw new MirrorError('MIRROR_CONVERSION', `The schema ${schema.name ?? schema.type} holds no timestamp`)
}

/** Of data without a schema. Throws MirrorError MIRROR_CONVERSION when it is no kind of timestamp. */
export function inferTimestampType(value: ConnectValue): TimestampType {
  if (value instanceof Date) return 'Timestamp'
  if (typeof value === 'bigint') return 'unix'
  if (typeof value === 'string') return 'string'
  throw new MirrorError('MIRROR_CONVERSION', `A value of the kind ${kindOf(value)} is no timestamp`)
}

/** Throws MirrorError MIRROR_CONVERSION when the value is not of the type. */
export function millisOf(value: ConnectValue, type: TimestampType, { text, precision }: TimestampFormat): number {
  if (type === 'string' && typeof value === 'string') {
    if (text === null) throw new MirrorError('MIRROR_CONVERSION', 'To read a date from a text, set format')
    return text.parse(value)
  }
  if (type === 'unix' && typeof value === 'bigint') return Number((value * nanosPerUnit[precision]) / 1_000_000n)
  if (type !== 'string' && type !== 'unix' && value instanceof Date) return value.getTime()
  throw new MirrorError('MIRROR_CONVERSION', `A value of the kind ${kindOf(value)} is no ${type}`)
}

export function timestampAs(millis: number, type: TimestampType, { text, precision }: TimestampFormat): ConnectValue {
  if (type === 'string') return text?.format(millis) ?? null
  if (type === 'unix') return (BigInt(millis) * 1_000_000n) / nanosPerUnit[precision]
  const day = Math.floor(millis / millisPerDay) * millisPerDay
  if (type === 'Date') return new Date(day)
  return new Date(type === 'Time' ? millis - day : millis)
}
