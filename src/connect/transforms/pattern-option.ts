import { asError } from '../../base/errors.ts'
import { parseJavaPattern } from '../../config/java-regex/java-pattern.ts'
import { type Check } from '../../config/option-table.ts'

/** For options that hold a regular expression. */
export const javaPattern: Check<string> = {
  expected: "a regular expression in Java's dialect",
  holds: (pattern) => problemOf(pattern) === undefined,
  reason: (pattern) => problemOf(pattern) ?? ''
}

function problemOf(pattern: string): string | undefined {
  try {
    parseJavaPattern(pattern)
    return undefined
  } catch (thrown) {
    return asError(thrown).message
  }
}
