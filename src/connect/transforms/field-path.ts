import { choice } from '../../config/option-table.ts'
import { type ConnectValue, fieldOf, type Schema, Struct } from '../data/connect-data.ts'
import { fieldValue } from './struct-edit.ts'

export const fieldSyntaxOption = {
  'field.syntax.version': choice({
    words: ['V1', 'V2'],
    ignoreCase: true,
    default: 'V1',
    meaning: 'V1: the whole text is one name. V2: dots lead into nested fields, names with dots stand in backticks.'
  })
}

/**
 * The steps of a field path; undefined when a backtick is not closed. Within backticks a dot means itself, and so does a
 * backtick behind a backslash.
 */
export function parseFieldPath(text: string, version: 'V1' | 'V2'): readonly string[] | undefined {
  if (version === 'V1' || !/[.`]/.test(text)) return [text]
  const steps: string[] = []
  const token = /(?:`((?:\\`|`(?!\.|$)|[^`\\]|\\(?!`))*)`|([^.`][^.]*|))(?:\.|$)/gy
  let at = 0
  do {
    token.lastIndex = at
    const match = token.exec(text)
    if (match === null) return undefined
    steps.push(match[1]?.replaceAll('\\`', '`') ?? match[2] ?? '')
    at = token.lastIndex
  } while (at < text.length || text[at - 1] === '.')
  return steps
}

/** Schema of the field that a path leads to. */
export function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((inner, step) => inner && fieldOf(inner, step)?.schema, schema)
}

/** Null where the path ends early. */
export function valueAt(value: ConnectValue, path: readonly string[], replacesNull: boolean): ConnectValue {
  return path.reduce<ConnectValue>((inner, step) => {
    if (inner instanceof Struct) return fieldValue(inner, step, replacesNull)
    return inner instanceof Map ? ((inner as ReadonlyMap<ConnectValue, ConnectValue>).get(step) ?? null) : null
  }, value)
}
