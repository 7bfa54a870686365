import { required, string } from '../../config/option-table.ts'
import { Struct, structSchema } from '../data/connect-data.ts'
import { forEachSide, sideTransformation } from './record-side.ts'
import { derivedSchema } from './struct-edit.ts'

/** The whole as the one field of a struct, or of a map where there is no schema. */
export const hoistField = forEachSide(
  'HoistField',
  { field: string({ default: required, importance: 'medium', meaning: 'Name of the field.' }) },
  ({ field: name }, side) => {
    const hoisted = derivedSchema((schema) => structSchema([{ name, schema }]))
    return sideTransformation(side, (schema, value) => {
      if (schema === null) return [null, new Map([[name, value]])]
      const struct = hoisted(schema)
      return [struct, new Struct(struct, { [name]: value })]
    })
  }
)
