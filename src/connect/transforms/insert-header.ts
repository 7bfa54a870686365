import { required, string } from '../../config/option-table.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'
import { parseLiteral } from '../data/literal.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'

/** A header of a fixed value. ByteArrayConverter takes none but bytes: another header.converter has to be set. */
export const insertHeader = builtIn(
  `${transformPackage}InsertHeader`,
  {
    header: string({ default: required, importance: 'high', meaning: 'Name of the header.' }),
    'value.literal': string({
      default: required,
      importance: 'high',
      meaning: 'Its value; what looks like a number, a boolean, a date, a list or a map is one.'
    })
  },
  (values): Transformation => {
    const header = { key: values.header, ...parseLiteral(values['value.literal']) }
    return { touches: ['headers'], apply: (record) => ({ ...record, headers: [...record.headers, header] }) }
  }
)
