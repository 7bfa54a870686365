import { asError } from '../../base/errors.ts'
import { type Check } from '../../config/option-table.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

/** For options that hold a date format; empty where none is wanted. */
export const dateFormat: Check<string> = {
  expected: 'a pattern of java.text.SimpleDateFormat',
  holds: (pattern) => problemOf(pattern) === undefined,
  reason: (pattern) => problemOf(pattern) ?? ''
}

function problemOf(pattern: string): string | undefined {
  try {
    new SimpleDateFormat(pattern)
    return undefined
  } catch (thrown) {
    return asError(thrown).message
  }
}
