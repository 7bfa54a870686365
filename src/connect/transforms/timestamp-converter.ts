import { choice, string } from '../../config/option-table.ts'
import { type ConnectValue, type Schema, Struct } from '../data/connect-data.ts'
import { dateFormat } from './option-checks.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { SimpleDateFormat } from './simple-date-format.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct, withFields } from './struct-edit.ts'
import {
  inferTimestampType,
  millisOf,
  type TimestampFormat,
  timestampAs,
  type TimestampType,
  timestampTypeOf,
  timestampTypes,
  timestampTypeSchema,
  unixPrecisions
} from './timestamp-types.ts'

const purpose = 'converting timestamps'

/** A time as text, number or logical type in place of another of these. */
export const timestampConverter = forEachSide(
  'TimestampConverter',
  {
    field: string({ default: '', importance: 'high', meaning: 'Field to convert; the whole where it is empty.' }),
    'target.type': choice({
      words: timestampTypes,
      default: null,
      importance: 'high',
      meaning: 'What it becomes. It has to be set.'
    }),
    format: string({
      default: '',
      check: dateFormat,
      importance: 'medium',
      meaning: 'How text is written or read (SimpleDateFormat), in UTC.'
    }),
    'unix.precision': choice({
      words: unixPrecisions,
      default: 'milliseconds',
      importance: 'low',
      meaning: 'Unit of numbers.'
    }),
    ...replaceNullOption
  },
  (values, side, refuse) => {
    const target = values['target.type']
    if (target === null) throw refuse('target.type', `one of ${timestampTypes.join(', ')}`)
    if (target === 'string' && values.format === '') throw refuse('format', 'a date format, since the target is text')
    const formats: TimestampFormat = {
      text: values.format === '' ? null : new SimpleDateFormat(values.format),
      precision: values['unix.precision']
    }
    const convert = (value: ConnectValue, type: TimestampType): ConnectValue =>
      value === null ? null : timestampAs(millisOf(value, type, formats), target, formats)
    const convertInferred = (value: ConnectValue): ConnectValue =>
      value === null ? null : convert(value, inferTimestampType(value))
    const { field } = values
    const converted = derivedSchema((schema) => convertedSchema(schema, field, target))
    return sideTransformation(side, (schema, value) => {
      if (schema === null) {
        if (value === null || field === '') return [null, convertInferred(value)]
        const map = new Map(requireMap(value, purpose))
        return [null, map.set(field, convertInferred(map.get(field) ?? null))]
      }
      if (field === '') return [converted(schema), convert(value, timestampTypeOf(schema))]
      if (value === null) return [converted(schema), null]
      const struct = requireStruct(value, purpose)
      const result = new Struct(converted(schema))
      for (const { name, schema: inner } of schema.fields) {
        const original = fieldValue(struct, name, values['replace.null.with.default'])
        result.put(name, name === field ? convert(original, timestampTypeOf(inner)) : original)
      }
      return [result.schema, result]
    })
  }
)

function convertedSchema(schema: Schema, field: string, target: TimestampType): Schema {
  if (field === '') return timestampTypeSchema(target, schema.optional)
  const fields = schema.fields.map((each) =>
    each.name === field ? { name: field, schema: timestampTypeSchema(target, each.schema.optional) } : each
  )
  return { ...withFields(schema, fields), optional: schema.optional }
}
