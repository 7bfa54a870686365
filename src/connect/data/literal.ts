import { type SchemaAndValue } from './connect-record.ts'
import { type ConnectValue, type Schema, schemaOf, schemas, type SchemaType } from './connect-data.ts'
import { Decimal } from './decimal.ts'
import { dateSchema, decimalSchema, timeSchema, timestampSchema } from './logical-types.ts'

/**
 * The value that a text stands for, with the smallest type that holds it, as the reference infers it for literals: numbers,
 * booleans, ISO dates with milliseconds, lists and maps as in JSON. Whatever is nothing else is text.
 */
export function parseLiteral(text: string): SchemaAndValue {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.startsWith('"')) return { schema: schemas.string, value: text }
  const parser = new LiteralParser(trimmed)
  const parsed = parser.value()
  return parsed === undefined || !parser.isAtEnd ? { schema: schemas.string, value: text } : parsed
}

const deepest = 100

class LiteralParser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    this.#skip(/\s*/y)
    return this.#at === this.#text.length
  }

  /** Undefined when there is none. */
  value(): SchemaAndValue | undefined {
    this.#skip(/\s*/y)
    if (this.#depth > deepest) return undefined
    if (this.#skip(/\[/y) !== undefined) return this.#nested(() => this.#array())
    if (this.#skip(/\{/y) !== undefined) return this.#nested(() => this.#map())
    const quoted = this.#skip(/"((?:[^"\\]|\\[^])*)"/y)
    if (quoted !== undefined) return textOrDate(quoted.slice(1, -1).replace(/\\([^])/g, '$1'))
    const token = this.#skip(this.#depth === 0 ? /[^]+/y : /[^\s,:[\]{}"][^,:[\]{}"]*/y)?.trim()
    return token === undefined ? undefined : scalar(token)
  }

  #nested(parse: () => SchemaAndValue | undefined): SchemaAndValue | undefined {
    this.#depth += 1
    const parsed = parse()
    this.#depth -= 1
    return parsed
  }

  #array(): SchemaAndValue | undefined {
    const items: SchemaAndValue[] = []
    for (;;) {
      if (this.#skip(/\s*\]/y) !== undefined) break
      const item = this.value()
      if (item?.schema === null || item === undefined) return undefined
      items.push(item)
      if (this.#skip(/\s*,/y) === undefined && this.#peek() !== ']') return undefined
    }
    const common = commonSchema(items)
    const value = items.map((item) => widened(item.value, item.schema, common))
    return { schema: schemaOf('ARRAY', { valueSchema: common }), value }
  }

  #map(): SchemaAndValue | undefined {
    const keys: SchemaAndValue[] = []
    const values: SchemaAndValue[] = []
    for (;;) {
      if (this.#skip(/\s*\}/y) !== undefined) break
      const key = this.value()
      if (key?.schema === null || key === undefined || this.#skip(/\s*:/y) === undefined) return undefined
      const value = this.value()
      if (value === undefined) return undefined
      keys.push(key)
      values.push(value)
      if (this.#skip(/\s*,/y) === undefined && this.#peek() !== '}') return undefined
    }
    const [keySchema, valueSchema] = [commonSchema(keys), commonSchema(values)]
    const entries = keys.map((key, index): [ConnectValue, ConnectValue] => {
      const item = values[index]
      return [
        widened(key.value, key.schema, keySchema),
        widened(item?.value ?? null, item?.schema ?? null, valueSchema)
      ]
    })
    return { schema: schemaOf('MAP', { keySchema, valueSchema }), value: new Map(entries) }
  }

  #peek(): string | undefined {
    this.#skip(/\s*/y)
    return this.#text[this.#at]
  }

  #skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }
}

/** Undefined for a text that would need quotes within a list; at the top it is a text. */
function scalar(token: string): SchemaAndValue | undefined {
  if (token === 'null') return { schema: null, value: null }
  if (token === 'true' || token === 'false') return { schema: schemas.boolean, value: token === 'true' }
  return dateOf(token) ?? numberOf(token)
}

function textOrDate(text: string): SchemaAndValue {
  return dateOf(text) ?? { schema: schemas.string, value: text }
}

function dateOf(text: string): SchemaAndValue | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dated(`${text}T00:00:00.000Z`, dateSchema())
  if (/^\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text)) return dated(`1970-01-01T${text}`, timeSchema())
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text)) return dated(text, timestampSchema())
  return undefined
}

function dated(iso: string, schema: Schema): SchemaAndValue | undefined {
  const value = new Date(iso)
  return Number.isNaN(value.getTime()) ? undefined : { schema, value }
}

const integers = [
  ['INT8', 8],
  ['INT16', 16],
  ['INT32', 32],
  ['INT64', 64]
] as const

/** A whole number of at most 64 bits has the smallest integer type; others are floats of 32 bits if those reach so far. */
function numberOf(text: string): SchemaAndValue | undefined {
  const decimal = /^[+-]?\d/.test(text) ? Decimal.parse(text) : undefined
  if (decimal === undefined) return undefined
  const integer = wholeNumber(decimal)
  if (integer !== undefined) {
    const fitting = integers.find(([, bits]) => BigInt.asIntN(bits, integer) === integer)
    if (fitting !== undefined) {
      const [type] = fitting
      return { schema: schemaOf(type), value: type === 'INT64' ? integer : Number(integer) }
    }
  }
  if (decimal.scale !== 0) {
    const value = Number(text)
    if (Number.isFinite(Math.fround(value))) return { schema: schemas.float32, value: Math.fround(value) }
    if (Number.isFinite(value)) return { schema: schemas.float64, value }
  }
  return { schema: decimalSchema(decimal.scale), value: decimal }
}

/** Undefined when it has a fraction, or far more than 64 bits: a huge exponent must not be written out. */
function wholeNumber({ unscaled, scale }: Decimal): bigint | undefined {
  if (unscaled === 0n) return 0n
  if (scale <= 0) return -scale > 20 ? undefined : unscaled * 10n ** BigInt(-scale)
  if (scale > unscaled.toString().length) return undefined
  const unit = 10n ** BigInt(scale)
  return unscaled % unit === 0n ? unscaled / unit : undefined
}

const widths: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']

/** The schema that all items have, or the widest of their numbers; null when they have none in common. */
function commonSchema(items: readonly SchemaAndValue[]): Schema | null {
  let common: Schema | null = null
  for (const { schema } of items) {
    if (schema === null) return null
    if (common === null) common = schema
    else if (isNumeric(common) && isNumeric(schema)) {
      if (widths.indexOf(schema.type) > widths.indexOf(common.type)) common = schema
    } else if (common.type !== schema.type || common.name !== schema.name) return null
  }
  return common
}

function isNumeric({ type, name }: Schema): boolean {
  return name === null && widths.includes(type)
}

function widened(value: ConnectValue, from: Schema | null, to: Schema | null): ConnectValue {
  if (from === null || to === null || from.type === to.type) return value
  if (to.type === 'INT64' && typeof value === 'number') return BigInt(value)
  return typeof value === 'bigint' ? Number(value) : value
}
