import { MirrorError } from '../../base/errors.ts'
import { list, required } from '../../config/option-table.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { fieldOf, Struct, structSchema } from '../data/connect-data.ts'
import { atLeastOneName } from './option-checks.ts'
import { replaceNullOption } from './record-side.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct } from './struct-edit.ts'

const purpose = 'copying fields from value to key'

/** A key made of fields of the value. */
export const valueToKey = builtIn(
  `${transformPackage}ValueToKey`,
  {
    fields: list({
      default: required,
      check: atLeastOneName,
      importance: 'high',
      meaning: 'Fields of the value that become the key.'
    }),
    ...replaceNullOption
  },
  (values): Transformation => {
    const { fields } = values
    const keySchemaOf = derivedSchema((schema) =>
      structSchema(
        fields.map((name) => {
          const field = fieldOf(schema, name)
          if (field === undefined) throw new MirrorError('MIRROR_CONVERSION', `The value has no field ${name}`)
          return field
        })
      )
    )
    return {
      touches: ['key', 'value'],
      apply(record) {
        if (record.valueSchema === null) {
          const map = requireMap(record.value, purpose)
          const key = new Map(fields.map((name) => [name, map.get(name) ?? null]))
          return { ...record, keySchema: null, key }
        }
        const struct = requireStruct(record.value, purpose)
        const keySchema = keySchemaOf(record.valueSchema)
        const key = new Struct(keySchema)
        for (const name of fields) key.put(name, fieldValue(struct, name, values['replace.null.with.default']))
        return { ...record, keySchema, key }
      }
    }
  }
)
