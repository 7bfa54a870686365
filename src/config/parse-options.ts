import { type ConfigProblem, type ConfigWarning } from './config-error.ts'
import { type OptionTable } from './option-table.ts'

/** Key to text, in the order of the file: what all resolution works on until a table gives the text a type. */
export type Properties = ReadonlyMap<string, string>

export interface Findings {
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigWarning[]
}

/** What to print instead of a secret. */
export const maskedValue = '[hidden]'

/** Whether the value of a key must not be printed, known to a table or not. */
export function isSecret(key: string): boolean {
  return /password|passphrase|secret|jaas|credential|token|ssl\.(keystore|truststore)\.(key|certificate)/i.test(key)
}

export function printable(key: string, value: string): string {
  return isSecret(key) ? maskedValue : value
}

/**
 * The typed values of a table, or null when something is wrong with any of them; everything wrong is in `findings`.
 * @param named how the file spells a key of the table, for messages
 */
export function parseOptions<Values extends object>(
  table: OptionTable<Values>,
  properties: Properties,
  findings: Findings,
  named: (key: string) => string = (key) => key
): Values | null {
  const values: Partial<Values> = {}
  for (const key in table) {
    const option = table[key]
    const text = properties.get(key)
    if (text === undefined) {
      if (option.default === undefined) findings.problems.push({ key: named(key), value: null, expected: 'a value' })
      else values[key] = option.default
      continue
    }
    const parsed = option.parse(text)
    if (!parsed.ok) {
      const value = option.type === 'PASSWORD' ? maskedValue : printable(key, text)
      findings.problems.push({ key: named(key), value, expected: parsed.expected })
      continue
    }
    if (parsed.warning !== undefined) findings.warnings.push({ key: named(key), message: parsed.warning })
    values[key] = parsed.value
  }
  return hasAllKeys(values, table) ? values : null
}

function hasAllKeys<Values extends object>(values: Partial<Values>, table: OptionTable<Values>): values is Values {
  for (const key in table) if (!(key in values)) return false
  return true
}
