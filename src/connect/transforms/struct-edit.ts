import { MirrorError } from '../../base/errors.ts'
import { type ConnectValue, type Schema, type SchemaField, Struct, structSchema } from '../data/connect-data.ts'

/** Throws MirrorError MIRROR_CONVERSION for anything else. */
export function requireStruct(value: ConnectValue, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw new MirrorError('MIRROR_CONVERSION', `Only structs can be used for ${purpose}, not ${kindOf(value)}`)
}

/** What schemaless data has in place of a struct. Throws MirrorError MIRROR_CONVERSION for anything else. */
export function requireMap(value: ConnectValue, purpose: string): ReadonlyMap<string, ConnectValue> {
  if (isTextMap(value)) return value
  throw new MirrorError(
    'MIRROR_CONVERSION',
    `Only maps of names can be used for ${purpose} of data without a schema, not ${kindOf(value)}`
  )
}

function isTextMap(value: ConnectValue): value is ReadonlyMap<string, ConnectValue> {
  return value instanceof Map && [...value.keys()].every((key) => typeof key === 'string')
}

export function kindOf(value: ConnectValue): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? value.constructor.name : typeof value
}

export function fieldValue(struct: Struct, name: string, replacesNull: boolean): ConnectValue {
  return replacesNull ? struct.get(name) : struct.getWithoutDefault(name)
}

/** A struct's schema with other fields. As in the reference, whether it is optional and its default are not taken over. */
export function withFields(schema: Schema, fields: readonly SchemaField[]): Schema {
  const { name, version, doc, parameters } = schema
  return structSchema(fields, { name, version, doc, parameters })
}

/** One derived schema a schema: converters keep what they know of a schema by its identity. */
export function derivedSchema(derive: (schema: Schema) => Schema): (schema: Schema) => Schema {
  const known = new WeakMap<Schema, Schema>()
  return (schema) => {
    let derived = known.get(schema)
    if (derived === undefined) {
      derived = derive(schema)
      known.set(schema, derived)
    }
    return derived
  }
}
