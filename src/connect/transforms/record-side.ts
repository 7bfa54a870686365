import { boolean, type Option, type OptionTable } from '../../config/option-table.ts'
import { type BuiltIn, builtIn, type Refuse, transformPackage } from '../data/built-in.ts'
import { type ConnectRecord } from '../data/connect-record.ts'
import { type ConnectValue, type Schema } from '../data/connect-data.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'

/** The half of a record that a transform works on: what its class name ends with. */
export interface RecordSide {
  readonly part: 'key' | 'value'
  schema(record: ConnectRecord): Schema | null
  value(record: ConnectRecord): ConnectValue
  replace(record: ConnectRecord, schema: Schema | null, value: ConnectValue): ConnectRecord
}

const keySide: RecordSide = {
  part: 'key',
  schema: ({ keySchema }) => keySchema,
  value: ({ key }) => key,
  replace: (record, keySchema, key) => ({ ...record, keySchema, key })
}

const valueSide: RecordSide = {
  part: 'value',
  schema: ({ valueSchema }) => valueSchema,
  value: ({ value }) => value,
  replace: (record, valueSchema, value) => ({ ...record, valueSchema, value })
}

/** A class for the key and one for the value, of one option table. */
export function forEachSide<Values extends object>(
  simpleName: string,
  options: OptionTable<Values> & Readonly<Record<string, Option<unknown>>>,
  make: (values: Values, side: RecordSide, refuse: Refuse) => Transformation
): readonly BuiltIn<Transformation>[] {
  return [
    builtIn(`${transformPackage}${simpleName}$Key`, options, (values, refuse) => make(values, keySide, refuse)),
    builtIn(`${transformPackage}${simpleName}$Value`, options, (values, refuse) => make(values, valueSide, refuse))
  ]
}

/** A transform of one side, for which schema and value are taken out and put back. */
export function sideTransformation(
  side: RecordSide,
  convert: (schema: Schema | null, value: ConnectValue) => readonly [schema: Schema | null, value: ConnectValue] | null
): Transformation {
  return {
    touches: [side.part],
    apply(record) {
      const converted = convert(side.schema(record), side.value(record))
      return converted === null ? record : side.replace(record, ...converted)
    }
  }
}

export const replaceNullOption = {
  'replace.null.with.default': boolean({
    default: true,
    meaning: 'Whether the default value of its schema stands in for a null.'
  })
}
