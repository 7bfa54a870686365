import { MirrorError } from '../../base/errors.ts'
import { string } from '../../config/option-table.ts'
import { type ConnectValue, type Schema, type SchemaField, Struct } from '../data/connect-data.ts'
import { forEachSide, sideTransformation } from './record-side.ts'
import { derivedSchema, requireMap, requireStruct, withFields } from './struct-edit.ts'

const purpose = 'flattening'

/** Fields of nested structs or maps as fields of the outermost one, their names joined. */
export const flatten = forEachSide(
  'Flatten',
  { delimiter: string({ default: '.', importance: 'medium', meaning: 'What is put between the joined names.' }) },
  ({ delimiter }, side) => {
    const flat = derivedSchema((schema) => {
      const outer = { prefix: '', isOptional: schema.optional, defaults: structOrNull(schema.defaultValue) }
      return withFields(schema, flatFields(schema, outer, delimiter))
    })
    return sideTransformation(side, (schema, value) => {
      if (value === null) return null
      if (schema === null) {
        const entries = new Map<string, ConnectValue>()
        addEntries(entries, requireMap(value, purpose), '', delimiter)
        return [null, entries]
      }
      const result = new Struct(flat(schema))
      addValues(result, requireStruct(value, purpose), '', delimiter)
      return [result.schema, result]
    })
  }
)

/** What is inherited from the struct around. */
interface Outer {
  readonly prefix: string
  readonly isOptional: boolean
  readonly defaults: Struct | null
}

function flatFields(schema: Schema, outer: Outer, delimiter: string): SchemaField[] {
  return schema.fields.flatMap(({ name, schema: inner }): SchemaField[] => {
    const joined = join(outer.prefix, name, delimiter)
    const optional = outer.isOptional || inner.optional
    const defaultValue = inner.defaultValue ?? outer.defaults?.get(name) ?? undefined
    if (inner.type === 'STRUCT') {
      const next = { prefix: joined, isOptional: optional, defaults: structOrNull(defaultValue) }
      return flatFields(inner, next, delimiter)
    }
    if (inner.type === 'MAP') {
      throw new MirrorError('MIRROR_CONVERSION', `A map within data with a schema cannot be flattened: ${joined}`)
    }
    return [{ name: joined, schema: { ...inner, optional, defaultValue } }]
  })
}

function addValues(result: Struct, struct: Struct, prefix: string, delimiter: string): void {
  for (const { name, schema } of struct.schema.fields) {
    const joined = join(prefix, name, delimiter)
    const value = struct.get(name)
    if (schema.type !== 'STRUCT') result.put(joined, value)
    else if (value !== null) addValues(result, requireStruct(value, purpose), joined, delimiter)
  }
}

function addEntries(
  result: Map<string, ConnectValue>,
  map: ReadonlyMap<string, ConnectValue>,
  prefix: string,
  delimiter: string
): void {
  for (const [name, value] of map) {
    const joined = join(prefix, name, delimiter)
    if (value instanceof Map) addEntries(result, requireMap(value, purpose), joined, delimiter)
    else if (value instanceof Struct) {
      throw new MirrorError('MIRROR_CONVERSION', `A struct within data without a schema cannot be flattened: ${joined}`)
    } else result.set(joined, value)
  }
}

function join(prefix: string, name: string, delimiter: string): string {
  return prefix === '' ? name : `${prefix}${delimiter}${name}`
}

function structOrNull(value: ConnectValue | undefined): Struct | null {
  return value instanceof Struct ? value : null
}
