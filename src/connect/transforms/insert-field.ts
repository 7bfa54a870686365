import { MirrorError } from '../../base/errors.ts'
import { string } from '../../config/option-table.ts'
import { type ConnectRecord } from '../data/connect-record.ts'
import { type ConnectValue, type Schema, schemaOf, Struct } from '../data/connect-data.ts'
import { timestampSchema } from '../data/logical-types.ts'
import { forEachSide, replaceNullOption } from './record-side.ts'
import { derivedSchema, fieldValue, requireMap, requireStruct, withFields } from './struct-edit.ts'

const purpose = 'inserting fields'
const suffix = 'With `!` behind it the field is required, with `?` or nothing optional.'
const name = (what: string): ReturnType<typeof string<null>> =>
  string({ default: null, importance: 'medium', meaning: `Name of the field for ${what}. ${suffix}` })

interface Insertion {
  readonly name: string
  readonly schema: Schema
  /** Undefined when there is nothing to insert. */
  readonly value: (record: ConnectRecord, hasSchema: boolean) => ConnectValue | undefined
}

/** Fields that tell where and when a record was, or a fixed text. */
export const insertField = forEachSide(
  'InsertField',
  {
    'topic.field': name('the topic'),
    'partition.field': name('the partition'),
    'offset.field': string({ default: null, importance: 'medium', meaning: 'For sinks alone: fails on any record.' }),
    'timestamp.field': name('the time'),
    'static.field': name('a fixed text'),
    'static.value': string({ default: null, importance: 'medium', meaning: 'That text.' }),
    ...replaceNullOption
  },
  (values, side, refuse) => {
    const text = values['static.value']
    if (values['static.field'] !== null && text === null) throw refuse('static.value', 'a value for static.field')
    if (values['offset.field'] !== null) throw refuse('offset.field', 'nothing: only records of a sink have an offset')
    const insertions = [
      insertion(values['topic.field'], schemaOf('STRING'), ({ topic }) => topic),
      insertion(values['partition.field'], schemaOf('INT32'), ({ partition }) => partition ?? undefined),
      insertion(values['timestamp.field'], timestampSchema(), ({ timestamp }, hasSchema) => {
        if (timestamp === null) return undefined
        return hasSchema ? new Date(Number(timestamp)) : timestamp
      }),
      insertion(values['static.field'], schemaOf('STRING'), () => text ?? undefined)
    ].filter((each) => each !== null)
    if (insertions.length === 0) throw refuse('topic.field', 'at least one of the fields to insert')
    const extended = derivedSchema((schema) => withFields(schema, [...schema.fields, ...insertions]))
    return {
      touches: [side.part, 'topic', 'partition', 'timestamp'],
      apply(record) {
        const [schema, value] = [side.schema(record), side.value(record)]
        if (value === null) return record
        if (schema === null) {
          const map = new Map(requireMap(value, purpose))
          for (const each of insertions) {
            const inserted = each.value(record, false)
            if (inserted !== undefined) map.set(each.name, inserted)
          }
          return side.replace(record, null, map)
        }
        const struct = requireStruct(value, purpose)
        const result = new Struct(extended(schema))
        for (const field of schema.fields) {
          result.put(field.name, fieldValue(struct, field.name, values['replace.null.with.default']))
        }
        for (const each of insertions) result.put(each.name, required(each, record))
        return side.replace(record, result.schema, result)
      }
    }
  }
)

function insertion(spec: string | null, schema: Schema, value: Insertion['value']): Insertion | null {
  if (spec === null) return null
  const optional = !spec.endsWith('!')
  return { name: spec.replace(/[!?]$/, ''), schema: { ...schema, optional }, value }
}

function required({ name: field, schema, value }: Insertion, record: ConnectRecord): ConnectValue {
  const inserted = value(record, true) ?? null
  if (inserted !== null || schema.optional) return inserted
  throw new MirrorError('MIRROR_CONVERSION', `The record has nothing for the required field ${field}`)
}
