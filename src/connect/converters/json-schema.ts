import { MirrorError } from '../../base/errors.ts'
import { type ConnectValue, type Schema, type SchemaType } from '../data/connect-data.ts'
import { writeJacksonJson } from '../storage/jackson-json.ts'

const typeNames: Readonly<Record<SchemaType, string>> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct'
}

/**
 * The JSON of a schema, its members in the reference's order.
 * @param valueJson writes a default value
 */
export function schemaJson(
  schema: Schema | null,
  valueJson: (schema: Schema, value: ConnectValue) => string,
  field?: string
): string {
  if (schema === null) throw new MirrorError('MIRROR_CONVERSION', 'An array or map has no schema of its items')
  const text = (member: string, value: string | number | boolean): string => `"${member}":${writeJacksonJson(value)}`
  const members = [text('type', typeNames[schema.type])]
  if (schema.type === 'STRUCT') {
    const fields = schema.fields.map((each) => schemaJson(each.schema, valueJson, each.name))
    members.push(`"fields":[${fields.join(',')}]`)
  } else if (schema.type === 'ARRAY') members.push(`"items":${schemaJson(schema.valueSchema, valueJson)}`)
  else if (schema.type === 'MAP') {
    members.push(`"keys":${schemaJson(schema.keySchema, valueJson)}`)
    members.push(`"values":${schemaJson(schema.valueSchema, valueJson)}`)
  }
  members.push(text('optional', schema.optional))
  if (schema.name !== null) members.push(text('name', schema.name))
  if (schema.version !== null) members.push(text('version', schema.version))
  if (schema.doc !== null) members.push(text('doc', schema.doc))
  if (schema.parameters !== null) members.push(`"parameters":${writeJacksonJson(schema.parameters)}`)
  if (schema.defaultValue !== undefined) members.push(`"default":${valueJson(schema, schema.defaultValue)}`)
  if (field !== undefined) members.push(text('field', field))
  return `{${members.join(',')}}`
}
