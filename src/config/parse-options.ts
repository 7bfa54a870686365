import { maskedValue, type Findings } from './findings.ts'
import { type OptionTable } from './option-table.ts'
import { type TracedProperties } from './traced-properties.ts'

/**
 * The typed values of a table, or null when something is wrong with any of them; everything wrong is in `findings`.
 * Keys that the table does not know are passed over.
 * @param absent how the file would spell a required key that is missing
 */
export function parseOptions<Values extends object>(
  table: OptionTable<Values>,
  properties: TracedProperties,
  findings: Findings,
  absent: (key: string) => string = (key) => key
): Values | null {
  const values: Partial<Values> = {}
  for (const key in table) {
    const option = table[key]
    const found = properties.get(key)
    if (found === undefined) {
      if (option.default === undefined) findings.problem(absent(key), null, option.valid ?? 'a value')
      else values[key] = option.default
      continue
    }
    const parsed = option.parse(found.value)
    if (!parsed.ok) {
      findings.problem(found.origin, option.type === 'PASSWORD' ? maskedValue : found.raw, parsed.expected)
      continue
    }
    if (parsed.warning !== undefined) findings.warn({ key: found.origin, message: parsed.warning })
    values[key] = parsed.value
  }
  return hasAllKeys(values, table) ? values : null
}

function hasAllKeys<Values extends object>(values: Partial<Values>, table: OptionTable<Values>): values is Values {
  for (const key in table) if (!(key in values)) return false
  return true
}
