import { list, required } from '../../config/option-table.ts'
import { type Transformation } from '../data/plugin-interfaces.ts'
import { builtIn, transformPackage } from '../data/built-in.ts'
import { atLeastOneName } from './option-checks.ts'

export const dropHeaders = builtIn(
  `${transformPackage}DropHeaders`,
  {
    headers: list({
      default: required,
      check: atLeastOneName,
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
