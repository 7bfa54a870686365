/** A value on its way through aliases, prefixes and providers, with where it came from, so that messages name the file's own key. */
export interface TracedValue {
  /** With the placeholders of config providers resolved, once that has happened. */
  readonly value: string
  /** The key as the file spells it. */
  readonly origin: string
  /** The text in the file: what messages show, since a resolved value may be a secret. */
  readonly raw: string
}

export type TracedProperties = ReadonlyMap<string, TracedValue>

/** Key to text, in the order of the file. */
export type Properties = ReadonlyMap<string, string>

export function traced(properties: Iterable<readonly [string, string]>): TracedProperties {
  const result = new Map<string, TracedValue>()
  for (const [key, value] of properties) result.set(key, { value, origin: key, raw: value })
  return result
}

export function untraced(properties: TracedProperties): Properties {
  const result = new Map<string, string>()
  for (const [key, { value }] of properties) result.set(key, value)
  return result
}

/** The entries whose key begins with `prefix` and is longer, with the prefix cut off. */
export function withoutPrefix<Value>(properties: ReadonlyMap<string, Value>, prefix: string): Map<string, Value> {
  const result = new Map<string, Value>()
  for (const [key, value] of properties) {
    if (key.length > prefix.length && key.startsWith(prefix)) result.set(key.slice(prefix.length), value)
  }
  return result
}
