import { MirrorError } from '../../base/errors.ts'
import { list, required, string } from '../../config/option-table.ts'
import { type ConnectValue, type Schema, type SchemaType, Struct } from '../data/connect-data.ts'
import { Decimal } from '../data/decimal.ts'
import { isList } from '../data/value-text.ts'
import { atLeastOneName } from './option-checks.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { fieldValue, kindOf, requireMap, requireStruct } from './struct-edit.ts'

const purpose = 'masking fields'

/** Zero, empty or a given value in place of what fields hold. */
export const maskField = forEachSide(
  'MaskField',
  {
    fields: list({
      default: required,
      check: atLeastOneName,
      importance: 'high',
      meaning: 'Fields to mask.'
    }),
    replacement: string({
      default: null,
      check: { expected: 'a text that is not empty', holds: (text) => text !== '' },
      meaning: 'Number or text to put in their place; zero or nothing where it is not set.'
    }),
    ...replaceNullOption
  },
  (values, side) => {
    const masked = new Set(values.fields)
    const { replacement: text } = values
    const replacement = text === null ? null : { text, number: Decimal.parse(text) }
    const mask = (value: ConnectValue, schema: Schema | null): ConnectValue => {
      if (value === null) return null
      return replacement === null ? zeroOf(value) : replaced(value, schema, replacement)
    }
    return sideTransformation(side, (schema, value) => {
      if (schema === null) {
        if (value === null) return null
        const map = new Map(requireMap(value, purpose))
        for (const name of values.fields) map.set(name, mask(map.get(name) ?? null, null))
        return [null, map]
      }
      const struct = requireStruct(value, purpose)
      const result = new Struct(schema)
      for (const field of schema.fields) {
        const original = fieldValue(struct, field.name, values['replace.null.with.default'])
        result.put(field.name, masked.has(field.name) ? mask(original, field.schema) : original)
      }
      return [schema, result]
    })
  }
)

function zeroOf(value: ConnectValue): ConnectValue {
  if (typeof value === 'number') return 0
  if (typeof value === 'bigint') return 0n
  if (typeof value === 'boolean') return false
  if (typeof value === 'string') return ''
  if (value instanceof Date) return new Date(0)
  if (value instanceof Decimal) return new Decimal(0n, value.scale)
  if (isList(value)) return []
  if (value instanceof Map) return new Map()
  throw new MirrorError('MIRROR_CONVERSION', `Values of the kind ${kindOf(value)} cannot be masked`)
}

interface Replacement {
  readonly text: string
  /** Undefined when the text is none. */
  readonly number: Decimal | undefined
}

function replaced(value: ConnectValue, schema: Schema | null, { text, number }: Replacement): ConnectValue {
  if (typeof value === 'string') return text
  let result: ConnectValue | undefined
  if (number !== undefined) {
    if (typeof value === 'bigint') result = number.longValue()
    else if (typeof value === 'number') result = numberAs(number, schema?.type ?? typeOf(value))
    else if (value instanceof Decimal) result = rescaled(number, value.scale)
  }
  if (result !== undefined) return result
  throw new MirrorError('MIRROR_CONVERSION', `"${text}" cannot stand for a value of the kind ${kindOf(value)}`)
}

/** What a number without a schema is: whole ones stay whole. */
function typeOf(value: number): SchemaType {
  return Number.isInteger(value) ? 'INT32' : 'FLOAT64'
}

/** As in the reference, what is too large for an integer type is cut to it. */
function numberAs(number: Decimal, type: SchemaType): number {
  if (type === 'FLOAT64') return Number(number.toString())
  if (type === 'FLOAT32') return Math.fround(Number(number.toString()))
  const bits = type === 'INT8' ? 8 : type === 'INT16' ? 16 : 32
  return Number(BigInt.asIntN(bits, number.longValue()))
}

/** With the scale of the value that it replaces, which is part of the schema; undefined where digits would be lost. */
function rescaled({ unscaled, scale }: Decimal, wanted: number): Decimal | undefined {
  if (scale < 0 || scale > wanted) return undefined
  return new Decimal(unscaled * 10n ** BigInt(wanted - scale), wanted)
}
