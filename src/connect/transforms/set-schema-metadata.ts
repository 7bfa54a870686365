import { MirrorError } from '../../base/errors.ts'
import { int, string } from '../../config/option-table.ts'
import { type ConnectValue, type Schema, Struct } from '../data/connect-data.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { derivedSchema, fieldValue } from './struct-edit.ts'

/** Another name or version of the schema. */
export const setSchemaMetadata = forEachSide(
  'SetSchemaMetadata',
  {
    'schema.name': string({ default: null, importance: 'high', meaning: 'Name to be set.' }),
    'schema.version': int({ default: null, importance: 'high', meaning: 'Version to be set.' }),
    ...replaceNullOption
  },
  (values, side) => {
    const renamed = derivedSchema((schema) => ({
      ...schema,
      name: values['schema.name'] ?? schema.name,
      version: values['schema.version'] ?? schema.version
    }))
    return sideTransformation(side, (schema, value) => {
      if (schema === null && value === null) return null
      if (schema?.type !== 'STRUCT') {
        throw new MirrorError('MIRROR_CONVERSION', 'Only the schema of a struct can be given a name or version')
      }
      return [renamed(schema), withSchema(value, renamed(schema), values['replace.null.with.default'])]
    })
  }
)

function withSchema(value: ConnectValue, schema: Schema, replacesNull: boolean): ConnectValue {
  if (!(value instanceof Struct)) return value
  const copy = new Struct(schema)
  for (const { name } of schema.fields) copy.put(name, fieldValue(value, name, replacesNull))
  return copy
}
