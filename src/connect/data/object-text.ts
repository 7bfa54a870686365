import { MirrorError } from '../../base/errors.ts'
import { type ConnectValue, type Schema, Struct } from './connect-data.ts'
import { Decimal } from './decimal.ts'
import { numberText } from './java-number-text.ts'
import { isList } from './value-text.ts'

const weekDays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * A value as Java's `toString` writes it, in UTC. Throws MirrorError MIRROR_CONVERSION for bytes: Java writes the address of
 * the array, which helps nobody.
 */
export function objectText(value: ConnectValue, schema: Schema | null): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value, schema?.type ?? null)
  if (typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Decimal) return value.toString()
  if (Buffer.isBuffer(value)) {
    throw new MirrorError('MIRROR_CONVERSION', 'Bytes have no text; use ByteArrayConverter to pass them as they are')
  }
  if (value instanceof Date) return javaDateText(value)
  if (value instanceof Struct) {
    const fields = value.schema.fields.flatMap(({ name, schema: fieldSchema }) => {
      const field = value.getWithoutDefault(name)
      return field === null ? [] : [`${name}=${objectText(field, fieldSchema)}`]
    })
    return `Struct{${fields.join(',')}}`
  }
  if (isList(value)) return `[${value.map((item) => objectText(item, schema?.valueSchema ?? null)).join(', ')}]`
  const entries = Array.from(value, ([key, item]) => {
    return `${objectText(key, schema?.keySchema ?? null)}=${objectText(item, schema?.valueSchema ?? null)}`
  })
  return `{${entries.join(', ')}}`
}

function javaDateText(date: Date): string {
  const day = `${weekDays[date.getUTCDay()] ?? ''} ${months[date.getUTCMonth()] ?? ''}`
  const iso = date.toISOString()
  return `${day} ${iso.slice(8, 10)} ${iso.slice(11, 19)} UTC ${date.getUTCFullYear()}`
}
