/**
 * Text to value as Java's ConfigDef does it, which decides what a properties file that works with the reference means:
 * values are trimmed, booleans ignore case, numbers are decimal and bounded by their Java type.
 */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value; readonly warning?: string }
  | { readonly ok: false; readonly expected: string }

/** Java's `String.trim`: everything up to U+0020 at both ends. JavaScript's takes more, U+00A0 among it. */
export function javaTrim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1
  return text.slice(start, end)
}

export function parseBoolean(text: string): Parsed<boolean> {
  const word = javaTrim(text).toLowerCase()
  if (word === 'true' || word === 'false') return { ok: true, value: word === 'true' }
  return { ok: false, expected: 'true or false' }
}

const integerRanges = {
  SHORT: { min: -(2n ** 15n), max: 2n ** 15n - 1n },
  INT: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  LONG: { min: -(2n ** 63n), max: 2n ** 63n - 1n }
} as const

export type IntegerType = keyof typeof integerRanges

/** A decimal integer of the Java type. LONG values beyond 2^53 lose precision: they are times and sizes, where it cannot matter. */
export function parseInteger(text: string, type: IntegerType): Parsed<number> {
  const digits = javaTrim(text)
  const { min, max } = integerRanges[type]
  if (/^[+-]?\d+$/.test(digits)) {
    const value = BigInt(digits.startsWith('+') ? digits.slice(1) : digits)
    if (value >= min && value <= max) return { ok: true, value: Number(value) }
  }
  return { ok: false, expected: `a whole number between ${String(min)} and ${String(max)}` }
}

export function parseDouble(text: string): Parsed<number> {
  const digits = javaTrim(text)
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[df]?$/i.test(digits)) return { ok: true, value: Number.parseFloat(digits) }
  return { ok: false, expected: 'a decimal number' }
}

/**
 * A comma-separated list. Since Kafka 4.2 empty elements are an error and duplicates a warning; a 3.9 file with a trailing
 * comma was fine, so both are dropped here and reported. The wholly empty text is the empty list.
 */
export function parseList(text: string): Parsed<readonly string[]> {
  const trimmed = javaTrim(text)
  if (trimmed === '') return { ok: true, value: [] }
  const elements = trimmed.split(',').map(javaTrim)
  const filled = elements.filter((element) => element !== '')
  const value = [...new Set(filled)]
  if (value.length === elements.length) return { ok: true, value }
  const dropped = [
    ...(filled.length < elements.length ? ['empty elements'] : []),
    ...(value.length < filled.length ? ['duplicates'] : [])
  ]
  return { ok: true, value, warning: `${dropped.join(' and ')} dropped from the list` }
}

export function parseString(text: string): Parsed<string> {
  return { ok: true, value: javaTrim(text) }
}
