import { type ConnectorConfig } from '../connect/connector-config.ts'
import { RequestError } from '../connect/herder/request-error.ts'
import { asJsonObject, isArray, type JsonValue } from '../connect/storage/jackson-json.ts'
import { parseJson } from '../connect/storage/json-parser.ts'

type JsonObject = Readonly<Record<string, JsonValue>>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * What the body says. Throws RequestError: `badRequest` when there is none, `internal` when it is no JSON. (The
 * reference answers 500 to bodies that its parser refuses, here and below, and clients may know it.)
 */
export function readBody(body: Buffer | undefined): JsonValue {
  if (body === undefined || body.length === 0) throw new RequestError('badRequest', 'The request has no body')
  try {
    return parseJson(utf8.decode(body))
  } catch (cause) {
    throw new RequestError('internal', `The body is no JSON: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}

/** An object with these members, each of which may be absent. Throws RequestError `internal` for anything else. */
export function readObject(value: JsonValue, members: readonly string[], what: string): JsonObject {
  const object = asJsonObject(value)
  if (object === null) throw unreadable(what, 'a JSON object')
  const unknown = Object.keys(object).find((name) => !members.includes(name))
  if (unknown !== undefined) throw unreadable(what, `an object with no more members than ${members.join(', ')}`)
  return object
}

/** A map of text; numbers and booleans become text, nulls stay. Throws RequestError `internal` for nested values. */
export function readStringMap(value: JsonValue, what: string): ConnectorConfig {
  const object = asJsonObject(value)
  if (object === null) throw unreadable(what, 'a JSON object')
  const entries = Object.entries(object).map(([key, member]): [string, string | null] => {
    if (typeof member === 'object' && member !== null) throw unreadable(`${what}, at ${key},`, 'text')
    return [key, member === null ? null : String(member)]
  })
  return Object.fromEntries(entries)
}

export function readArray(value: JsonValue, what: string): readonly JsonValue[] {
  if (!isArray(value)) throw unreadable(what, 'a JSON array')
  return value
}

/** Text, or null when the member is absent. */
export function readText(value: JsonValue | undefined, what: string): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'object') throw unreadable(what, 'text')
  return String(value)
}

function unreadable(what: string, expected: string): RequestError {
  return new RequestError('internal', `${what} must be ${expected}`)
}
