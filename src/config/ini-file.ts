import { parse } from 'ini'
import { type Properties } from './traced-properties.ts'

/**
 * The second dialect, for files that end in `.ini`: sections such as `[A]`, `[A.consumer]` or `[A->B]` are put in front of
 * their keys with a dot, which gives the keys of the `.properties` form. The text is UTF-8. Values that hold `;`, `#` or `=`
 * are quoted; there is no continuation of lines.
 */
export function parseIniFile(bytes: Buffer): Properties {
  const entries = new Map<string, string>()
  const root: unknown = parse(bytes.toString('utf8'))
  flatten(root, '', entries)
  return entries
}

/** The parser nests a section name at its dots and turns `true` and `null` into values; both are undone here. */
function flatten(node: unknown, path: string, entries: Map<string, string>): void {
  if (typeof node !== 'object' || node === null) {
    entries.set(path, String(node))
    return
  }
  // `topics[] = a`, once per element.
  if (Array.isArray(node)) {
    entries.set(path, node.map(String).join(','))
    return
  }
  for (const [key, value] of Object.entries(node)) flatten(value, path === '' ? key : `${path}.${key}`, entries)
}
