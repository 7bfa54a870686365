import { type Option } from '../../config/option-table.ts'
import { type JsonValue } from '../storage/jackson-json.ts'

export type KeyWidth = 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'

/** A key as the REST API describes it: what the option table knows, and where a form shows it. */
export interface KeyDefinition {
  /** In full, with prefixes. */
  readonly name: string
  readonly option: Option<unknown>
  readonly isRequired: boolean
  /** As text; null where there is none. */
  readonly defaultValue: string | null
  readonly group: string | null
  /** -1 without a group. */
  readonly order: number
  readonly width: KeyWidth
  readonly displayName: string
}

/** A key of a config; null where nobody defines it. */
export interface DefinedKey {
  readonly name: string
  readonly definition: KeyDefinition | null
}

/** Where a form shows a key. Without: in no group. */
export interface KeyPlace {
  readonly group: string
  readonly order: number
  readonly width: KeyWidth
  readonly displayName: string
}

export function keyDefinition(name: string, option: Option<unknown>, place?: KeyPlace): KeyDefinition {
  return {
    name,
    option,
    isRequired: option.default === undefined,
    defaultValue: valueText(option.default),
    ...(place ?? { group: null, order: -1, width: 'NONE', displayName: name })
  }
}

/** A value as the reference prints it: lists joined by commas. */
function valueText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** In the member order of 4.3.1. */
export function definitionJson(definition: KeyDefinition): JsonValue {
  const { name, option, isRequired, defaultValue, group, order, width, displayName } = definition
  return {
    name,
    type: option.type,
    required: isRequired,
    default_value: defaultValue,
    importance: option.importance.toUpperCase(),
    documentation: option.meaning,
    group,
    order_in_group: order,
    width,
    display_name: displayName,
    dependents: []
  }
}
