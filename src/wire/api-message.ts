import { type Reader } from './reader.ts'
import { type Writer } from './writer.ts'

/**
 * One Kafka API: its key, the versions spoken here, and both codecs. Each lives in `api/NN-name.ts`, with the wire
 * grammar above it and versions as branches inside.
 */
export interface ApiMessage<Request, Response> {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** First version with compact fields, tagged fields and the flexible headers (KIP-482). */
  readonly flexibleFrom: number
  encodeRequest(writer: Writer, request: Request, version: number): void
  /** Throws MIRROR_PROTOCOL on bytes that are not such a response. Byte fields are views into the frame. */
  decodeResponse(reader: Reader, version: number): Response
}

/** Versions of one API that a broker offers, from its ApiVersions answer. */
export interface ApiVersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}
