/** JSON as Connect stores it. Object members keep their order; integers are `bigint` when parsed. */
export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonMap

export interface JsonMap {
  readonly [member: string]: JsonValue
}

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r']
])

// Quote, backslash, either half of a surrogate pair, and whatever comes before the space: control characters.
const escaped = /["\\\ud800-\udfff]|[^\u0020-\uffff]/g

function unicodeEscape(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

function writeString(text: string): string {
  return `"${text.replace(escaped, (unit) => shortEscapes.get(unit) ?? unicodeEscape(unit))}"`
}

/**
 * Compact JSON in the bytes that Java's Connect (Jackson) writes. `JSON.stringify` differs: it writes hex in lower case
 * and code points above U+FFFF raw, where Jackson writes two `\uhhhh` escapes in upper case. Stored keys are compared
 * byte by byte, so the difference would be a lost position. Numbers must be integers (Java prints doubles otherwise).
 */
export function writeJacksonJson(value: JsonValue): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not an integer that JSON can hold exactly`)
  }
  if (typeof value !== 'object' || value === null) return String(value)
  if (isArray(value)) return `[${value.map(writeJacksonJson).join(',')}]`
  return `{${Object.entries(value)
    .map(([name, member]) => `${writeString(name)}:${writeJacksonJson(member)}`)
    .join(',')}}`
}

/** The same text for the same content, whatever the member order and the kind of integer: for comparing, not storing. */
export function jsonContentKey(value: JsonValue): string {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return writeJacksonJson(value)
  if (isArray(value)) return `[${value.map(jsonContentKey).join(',')}]`
  const members = Object.entries(value).map(([name, member]) => `${writeString(name)}:${jsonContentKey(member)}`)
  return `{${members.sort().join(',')}}`
}

/** Null as well when the value is not an object. */
export function asJsonObject(value: JsonValue | undefined): JsonMap | null {
  return typeof value === 'object' && value !== null && !isArray(value) ? value : null
}

export function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Whether all that the map holds is JSON, to any depth. */
export function isJsonMap(map: Readonly<Record<string, unknown>>): map is JsonMap {
  return Object.values(map).every(isJson)
}

function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isJson)
  return value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
