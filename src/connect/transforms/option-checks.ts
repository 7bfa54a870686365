import { asError } from '../../base/errors.ts'
import { parseJavaPattern } from '../../config/java-regex/java-pattern.ts'
import { type Check } from '../../config/option-table.ts'
import { parseDatePattern } from './date-pattern.ts'

export const atLeastOneName: Check<readonly string[]> = {
  expected: 'at least one name',
  holds: (names) => names.length > 0
}

/** For options that hold a regular expression. */
export const javaPattern = takenBy("a regular expression in Java's dialect", parseJavaPattern)

/** For options that hold a date format; empty where none is wanted. */
export const dateFormat = takenBy('a pattern of java.text.SimpleDateFormat', parseDatePattern)

/** A text that `parse` does not throw at. */
function takenBy(expected: string, parse: (text: string) => unknown): Check<string> {
  const problemOf = (text: string): string | undefined => {
    try {
      parse(text)
      return undefined
    } catch (thrown) {
      return asError(thrown).message
    }
  }
  return { expected, holds: (text) => problemOf(text) === undefined, reason: (text) => problemOf(text) ?? '' }
}
