import { asError } from '../../base/errors.ts'

/** Chains longer than this are circular, or nothing that anybody reads. */
const longestChain = 10

/** What a FAILED status says: name and message of the error and of what caused it, a line each (spec 4.6 lets any text do). */
export function errorTrace(error: Error): string {
  const lines: string[] = []
  let next: unknown = error
  while (next !== undefined && next !== null && lines.length < longestChain) {
    const { name, message, cause } = asError(next)
    lines.push(`${lines.length === 0 ? '' : 'Caused by: '}${name}: ${message}\n`)
    next = cause
  }
  return lines.join('')
}
