import { type JsonValue } from './jackson-json.ts'

/** As deep as Jackson goes: what it can read must not be unreadable here. */
const deepest = 1000
const whiteSpace = /[ \t\n\r]*/y
const stringToken = /"[^"\\]*(?:\\.[^"\\]*)*"/sy
const numberToken = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const literals = new Map<string, JsonValue>([
  ['true', true],
  ['false', false],
  ['null', null]
])

/**
 * Parses JSON with integers kept exact: `JSON.parse` rounds offsets above 2^53. Integers become `bigint`, other numbers
 * `number`; leading zeros are tolerated, and empty text is null, as in Java's Connect. Throws SyntaxError.
 */
export function parseJson(text: string): JsonValue {
  const parser = new Parser(text)
  return text.trim() === '' ? null : parser.document()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The JSON at the start of a stored value, as Java's Connect reads it: what follows the first value is not looked at.
 * Throws SyntaxError, also for bytes that are not UTF-8.
 */
export function parseStoredJson(bytes: Uint8Array): JsonValue {
  const text = decodeUtf8(bytes)
  return text.trim() === '' ? null : new Parser(text).first()
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new SyntaxError('The bytes are not UTF-8', { cause })
  }
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): JsonValue {
    const value = this.#value(0)
    if (this.#peek() !== undefined) throw this.#unexpected()
    return value
  }

  first(): JsonValue {
    const value = this.#value(0)
    const next = this.#text[this.#at] ?? ' '
    // Brackets and quotes end a value by themselves; a number or a word needs white space behind it.
    if ((typeof value === 'object' || typeof value === 'string') && value !== null) return value
    if (!' \t\n\r'.includes(next)) throw this.#unexpected()
    return value
  }

  #value(depth: number): JsonValue {
    if (depth > deepest) throw new SyntaxError(`JSON is nested deeper than ${deepest}`)
    const next = this.#peek()
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#array(depth)
    if (next === '"') return this.#string()
    for (const [literal, value] of literals) {
      if (this.#text.startsWith(literal, this.#at)) {
        this.#at += literal.length
        return value
      }
    }
    return this.#number()
  }

  #object(depth: number): JsonValue {
    const members: [string, JsonValue][] = []
    this.#list('}', () => {
      if (this.#peek() !== '"') throw this.#unexpected()
      const name = this.#string()
      if (this.#peek() !== ':') throw this.#unexpected()
      this.#at += 1
      members.push([name, this.#value(depth + 1)])
    })
    // fromEntries defines members instead of assigning them: a member named __proto__ is only a member.
    return Object.fromEntries(members)
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = []
    this.#list(']', () => {
      items.push(this.#value(depth + 1))
    })
    return items
  }

  #list(end: string, readItem: () => void): void {
    this.#at += 1
    if (this.#peek() === end) {
      this.#at += 1
      return
    }
    for (;;) {
      readItem()
      const separator = this.#peek()
      if (separator !== ',' && separator !== end) throw this.#unexpected()
      this.#at += 1
      if (separator === end) return
    }
  }

  #string(): string {
    const parsed: unknown = JSON.parse(this.#token(stringToken)[0])
    return String(parsed)
  }

  #number(): JsonValue {
    const [text, fraction, exponent] = this.#token(numberToken)
    return fraction === undefined && exponent === undefined ? BigInt(text) : Number(text)
  }

  #token(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) throw this.#unexpected()
    this.#at = pattern.lastIndex
    return match
  }

  /** The next character that is not white space, or undefined at the end. */
  #peek(): string | undefined {
    whiteSpace.lastIndex = this.#at
    whiteSpace.exec(this.#text)
    this.#at = whiteSpace.lastIndex
    return this.#text[this.#at]
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(`JSON is malformed at character ${this.#at}`)
  }
}
