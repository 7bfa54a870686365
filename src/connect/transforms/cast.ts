import { list, required } from '../../config/option-table.ts'
import { type Schema, schemaOf, type SchemaType, Struct } from '../data/connect-data.ts'
import { castTypes, type CastType, castValue } from './cast-value.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct, withFields } from './struct-edit.ts'

const purpose = 'casting'
const schemaTypes: Readonly<Record<CastType, SchemaType>> = {
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FLOAT32',
  float64: 'FLOAT64',
  boolean: 'BOOLEAN',
  string: 'STRING'
}

/** Another primitive type for the whole, or for fields. */
export const cast = forEachSide(
  'Cast',
  {
    spec: list({
      default: required,
      check: { expected: 'a type for the whole, or field:type for fields', holds: (spec) => parseSpec(spec) !== null },
      importance: 'high',
      meaning: `\`type\`, or a list of \`field:type\`; types are ${castTypes.join(', ')}.`
    }),
    ...replaceNullOption
  },
  (values, side, refuse) => {
    const spec = parseSpec(values.spec)
    if (spec === null) throw refuse('spec', 'a list of types')
    const { whole, fields: casts } = spec
    const replacesNull = values['replace.null.with.default']
    if (whole !== null) {
      const castSchema = derivedSchema((schema) => {
        const { name, version, doc, parameters } = schema
        return { ...castTo(whole, schema), name, version, doc, parameters }
      })
      return sideTransformation(side, (schema, value) => {
        if (value === null) return null
        return [schema === null ? null : castSchema(schema), castValue(value, schema, whole)]
      })
    }
    const castFields = derivedSchema((schema) => {
      const fields = schema.fields.map((field) => {
        const type = casts.get(field.name)
        return type === undefined ? field : { name: field.name, schema: castTo(type, field.schema) }
      })
      return { ...withFields(schema, fields), optional: schema.optional }
    })
    return sideTransformation(side, (schema, value) => {
      if (value === null) return null
      if (schema === null) {
        const map = new Map(requireMap(value, purpose))
        for (const [name, item] of map) {
          const type = casts.get(name)
          if (type !== undefined) map.set(name, castValue(item, null, type))
        }
        return [null, map]
      }
      const struct = requireStruct(value, purpose)
      const result = new Struct(castFields(schema))
      for (const field of schema.fields) {
        const original = fieldValue(struct, field.name, replacesNull)
        const type = casts.get(field.name)
        result.put(field.name, type === undefined ? original : castValue(original, field.schema, type))
      }
      return [result.schema, result]
    })
  }
)

function castTo(type: CastType, { optional, defaultValue, ...schema }: Schema): Schema {
  const cast =
    defaultValue === undefined ? undefined : castValue(defaultValue, { ...schema, optional, defaultValue }, type)
  return schemaOf(schemaTypes[type], { optional, defaultValue: cast })
}

interface CastSpec {
  /** For the whole; null when fields are cast. */
  readonly whole: CastType | null
  readonly fields: ReadonlyMap<string, CastType>
}

/** Null when it is none. */
function parseSpec(spec: readonly string[]): CastSpec | null {
  const fields = new Map<string, CastType>()
  for (const entry of spec) {
    const [first = '', second, ...more] = entry.split(':').map((part) => part.trim())
    const type = castTypes.find((name) => name === (second ?? first).toLowerCase())
    if (type === undefined || more.length > 0) return null
    if (second === undefined) return spec.length === 1 ? { whole: type, fields } : null
    fields.set(first, type)
  }
  return fields.size === 0 ? null : { whole: null, fields }
}
