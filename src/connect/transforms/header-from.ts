import { MirrorError } from '../../base/errors.ts'
import { choice, list, required } from '../../config/option-table.ts'
import { type ConnectHeader, type ConnectRecord } from '../data/connect-record.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { fieldOf, Struct } from '../data/connect-data.ts'
import { atLeastOneName } from './option-checks.ts'
import { forEachSide, type RecordSide, replaceNullOption } from './record-side.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct, withFields } from './struct-edit.ts'

const purpose = 'making headers of fields'

/** Headers made of fields. */
export const headerFrom = forEachSide(
  'HeaderFrom',
  {
    fields: list({ default: required, check: atLeastOneName, importance: 'high', meaning: 'Fields to take.' }),
    headers: list({
      default: required,
      check: atLeastOneName,
      importance: 'high',
      meaning: 'Names of the headers, in the order of the fields.'
    }),
    operation: choice({
      words: ['move', 'copy'],
      default: null,
      importance: 'high',
      meaning: 'Whether fields are kept.'
    }),
    ...replaceNullOption
  },
  (values, side, refuse): Transformation => {
    const { fields, headers, operation } = values
    if (fields.length !== headers.length) throw refuse('headers', 'as many names as fields has')
    if (operation === null) throw refuse('operation', 'move or copy')
    const pairs = fields.map((field, index) => ({ field, header: headers[index] ?? '' }))
    const moved = new Set(operation === 'move' ? fields : [])
    const remaining = derivedSchema((schema) =>
      withFields(
        schema,
        schema.fields.filter(({ name }) => !moved.has(name))
      )
    )
    const replacesNull = values['replace.null.with.default']
    return {
      touches: [side.part, 'headers'],
      apply(record) {
        const schema = side.schema(record)
        if (schema === null) return withoutSchema(record, side, pairs, moved)
        const struct = requireStruct(side.value(record), purpose)
        const added = pairs.map(({ field, header }): ConnectHeader => {
          const found = fieldOf(schema, field)
          if (found === undefined) throw new MirrorError('MIRROR_CONVERSION', `There is no field ${field}`)
          return { key: header, schema: found.schema, value: fieldValue(struct, field, replacesNull) }
        })
        const withHeaders = { ...record, headers: [...record.headers, ...added] }
        if (moved.size === 0) return withHeaders
        const rest = new Struct(remaining(schema))
        for (const { name } of rest.schema.fields) rest.put(name, fieldValue(struct, name, replacesNull))
        return side.replace(withHeaders, rest.schema, rest)
      }
    }
  }
)

function withoutSchema(
  record: ConnectRecord,
  side: RecordSide,
  pairs: readonly { readonly field: string; readonly header: string }[],
  moved: ReadonlySet<string>
): ConnectRecord {
  const map = requireMap(side.value(record), purpose)
  const added = pairs.map(({ field, header }) => ({ key: header, schema: null, value: map.get(field) ?? null }))
  const rest = new Map([...map].filter(([name]) => !moved.has(name)))
  return side.replace({ ...record, headers: [...record.headers, ...added] }, null, rest)
}
