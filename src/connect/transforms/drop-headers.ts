import { list, required } from '../../config/option-table.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'

export const dropHeaders = builtIn(
  `${transformPackage}DropHeaders`,
  {
    headers: list({
      default: required,
      check: { expected: 'at least one name', holds: (names) => names.length > 0 },
      importance: 'high',
      meaning: 'Names of the headers to remove.'
    })
  },
  ({ headers: names }): Transformation => {
    const dropped = new Set(names)
    return {
      touches: ['headers'],
      apply(record) {
        if (!record.headers.some(({ key }) => dropped.has(key))) return record
        return { ...record, headers: record.headers.filter(({ key }) => !dropped.has(key)) }
      }
    }
  }
)
