import { readFileSync } from 'node:fs'
import { type ApiMessage } from '../../../src/wire/api-message.ts'
import { Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'

/** One request and one response of an API, as values; `kafka-cases.json` holds the same in Kafka's own JSON form. */
export interface WireCase {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  encodeRequest(version: number): Buffer
  decodeResponse(version: number, body: Buffer): { value: unknown; bytesLeft: number }
  /** What the response decodes to: fields that a version lacks have their documented stand-in. */
  response(version: number): unknown
}

/** A request and a response body that another implementation wrote, in hexadecimal; '' where it wrote none. */
export interface WireVector {
  readonly name: string
  readonly version: number
  readonly request: string
  readonly response: string
}

/** The vectors in `test/compat/vectors/<file>.json`. */
export function readVectors(file: string): readonly WireVector[] {
  const path = new URL(`../../compat/vectors/${file}.json`, import.meta.url)
  const vectors: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!Array.isArray(vectors) || !vectors.every(isWireVector)) throw new Error(`${file}.json holds other than vectors`)
  return vectors
}

function isWireVector(value: unknown): value is WireVector {
  return typeof value === 'object' && value !== null && 'name' in value && 'request' in value && 'response' in value
}

/** Binds an API to its case, so that cases of different APIs fit into one list. */
export function wireCase<Request, Response>(
  api: ApiMessage<Request, Response>,
  request: Request,
  response: (version: number) => Response
): WireCase {
  return {
    name: api.name,
    minVersion: api.minVersion,
    maxVersion: api.maxVersion,
    encodeRequest(version) {
      const writer = new Writer(version >= api.flexibleFrom)
      api.encodeRequest(writer, request, version)
      return writer.toBuffer()
    },
    decodeResponse(version, body) {
      const reader = new Reader(body, version >= api.flexibleFrom)
      const value = api.decodeResponse(reader, version)
      return { value, bytesLeft: reader.remaining }
    },
    response
  }
}
