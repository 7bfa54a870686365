import { type ConnectValue, type Schema, Struct } from './connect-data.ts'
import { Decimal } from './decimal.ts'
import { numberText } from './java-number-text.ts'
import { millisPerDay } from './logical-types.ts'

/**
 * A value as the reference writes it into text headers: bytes as base64, arrays, maps and structs like JSON. What Java
 * tells by class is told by the schema here.
 */
export function valueText(value: ConnectValue, schema: Schema | null, isEmbedded = false): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return numberText(value, schema?.type ?? null)
  if (typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Decimal) return value.toString()
  if (typeof value === 'string') return isEmbedded ? quoted(value) : value
  if (Buffer.isBuffer(value)) return isEmbedded ? quoted(value.toString('base64')) : value.toString('base64')
  if (value instanceof Date) return dateText(value)
  return compositeText(value, schema)
}

function compositeText(value: Composite, schema: Schema | null): string {
  if (value instanceof Struct) {
    const fields = value.schema.fields.map(
      (field) => `${quoted(field.name)}:${valueText(value.get(field.name), field.schema, true)}`
    )
    return `{${fields.join(',')}}`
  }
  if (isList(value)) return `[${value.map((item) => valueText(item, schema?.valueSchema ?? null, true)).join(',')}]`
  const entries = Array.from(value, ([key, item]) => {
    return `${valueText(key, schema?.keySchema ?? null, true)}:${valueText(item, schema?.valueSchema ?? null, true)}`
  })
  return `{${entries.join(',')}}`
}

type Composite = Struct | readonly ConnectValue[] | ReadonlyMap<ConnectValue, ConnectValue>

export function isList(value: ConnectValue): value is readonly ConnectValue[] {
  return Array.isArray(value)
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** A time on the first day of 1970, a day at midnight, or both: what the value looks like, whatever its schema says. */
export function dateText(date: Date): string {
  const millis = date.getTime()
  const iso = date.toISOString()
  if (millis < millisPerDay) return iso.slice(11)
  return millis % millisPerDay === 0 ? iso.slice(0, 10) : iso
}
