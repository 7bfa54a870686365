import { type Check } from '../config/option-table.ts'

/** One rule of `response.http.headers.config`. */
export interface HeaderRule {
  readonly isAdded: boolean
  readonly name: string
  readonly value: string
}

// A rule may stand in quotes, so that its value can hold commas.
const ruleToken = /\s*(?:"(?<quoted>[^"]*)"|(?<plain>[^",]*))\s*(?:,|$)/y
const ruleForm =
  /^(?<action>set|add|setdate|adddate)\s+(?<name>[!#$%&'*+.^_`|~\w-]+)\s*:(?<value>[\t\x20-\x39\x3b-\x7e\x80-\xff]*)$/i

function split(text: string): string[] | undefined {
  const rules: string[] = []
  ruleToken.lastIndex = 0
  while (ruleToken.lastIndex < text.length) {
    const groups = ruleToken.exec(text)?.groups
    if (groups === undefined) return undefined
    rules.push((groups['quoted'] ?? groups['plain'] ?? '').trim())
  }
  return rules
}

function parseRule(text: string): HeaderRule | undefined {
  const { action = '', name = '', value = '' } = ruleForm.exec(text)?.groups ?? {}
  if (name === '') return undefined
  const isDate = action.toLowerCase().endsWith('date')
  const date = new Date(Number(value.trim() || Number.NaN))
  if (isDate && Number.isNaN(date.getTime())) return undefined
  return {
    isAdded: action.toLowerCase().startsWith('add'),
    name,
    value: isDate ? date.toUTCString() : value.trim()
  }
}

/** Undefined when a rule is malformed. */
export function parseHeaderRules(text: string): readonly HeaderRule[] | undefined {
  if (text.trim() === '') return []
  const rules = split(text)?.map(parseRule)
  const wellFormed = rules?.filter((rule) => rule !== undefined)
  return wellFormed?.length === rules?.length ? wellFormed : undefined
}

export const headerRules: Check<string> = {
  expected:
    'rules `action name:value` separated by commas; an action is set, add, setDate or addDate; dates in milliseconds',
  holds: (text) => parseHeaderRules(text) !== undefined
}
