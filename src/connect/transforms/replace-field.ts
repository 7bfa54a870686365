import { list, string } from '../../config/option-table.ts'
import { type Schema, Struct } from '../data/connect-data.ts'
import { forEachSide, replaceNullOption, sideTransformation } from './record-side.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct, withFields } from './struct-edit.ts'

const none: readonly string[] = []
const purpose = 'replacing fields'

/** Names of 3.9 for these keys. 4.x takes no notice of them, which would silently let fields through. */
const renamedTo = (name: string): ReturnType<typeof string<null>> =>
  string({
    default: null,
    check: { expected: `nothing: the key is called ${name} since Kafka 4.0`, holds: () => false },
    meaning: `Not to be set: write \`${name}\`.`
  })

/** Drops fields, keeps only some, renames some. */
export const replaceField = forEachSide(
  'ReplaceField',
  {
    exclude: list({ default: none, importance: 'medium', meaning: 'Fields to drop; wins over `include`.' }),
    include: list({ default: none, importance: 'medium', meaning: 'Fields to keep; all where it is empty.' }),
    renames: list({ default: none, importance: 'medium', meaning: 'Fields to rename, `old:new`.' }),
    ...replaceNullOption,
    blacklist: renamedTo('exclude'),
    whitelist: renamedTo('include')
  },
  (values, side, refuse) => {
    const renames = new Map<string, string>()
    for (const rename of values.renames) {
      const [from = '', to = '', ...more] = rename.split(':')
      if (from === '' || to === '' || more.length > 0) throw refuse('renames', 'a list of old:new')
      renames.set(from, to)
    }
    const isKept = (name: string): boolean =>
      !values.exclude.includes(name) && (values.include.length === 0 || values.include.includes(name))
    const nameOf = (name: string): string => renames.get(name) ?? name
    const replaced = derivedSchema((schema: Schema) => {
      const fields = schema.fields.filter(({ name }) => isKept(name))
      return withFields(
        schema,
        fields.map((field) => ({ name: nameOf(field.name), schema: field.schema }))
      )
    })
    return sideTransformation(side, (schema, value) => {
      if (value === null) return null
      if (schema === null) {
        const entries = [...requireMap(value, purpose)].filter(([name]) => isKept(name))
        return [null, new Map(entries.map(([name, item]) => [nameOf(name), item]))]
      }
      const struct = requireStruct(value, purpose)
      const result = new Struct(replaced(schema))
      for (const { name } of schema.fields) {
        if (isKept(name)) result.put(nameOf(name), fieldValue(struct, name, values['replace.null.with.default']))
      }
      return [result.schema, result]
    })
  }
)
