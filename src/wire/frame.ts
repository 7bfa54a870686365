import { type ApiMessage } from './api-message.ts'
import { ProtocolError, Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** What a request's header carries besides key and version. */
export interface RequestHeader {
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
}

const apiVersionsKey = 18

/**
 * A whole request, its size in front, as chunks to be sent in order; byte fields are among them uncopied.
 *
 *   Frame     => size INT32, header, body
 *   Header v1 => api_key INT16, api_version INT16, correlation_id INT32, client_id NULLABLE_STRING
 *   Header v2 => ... TAGS (client_id keeps its 16-bit length), for flexible versions
 */
export function encodeRequestFrame<Request>(
  api: ApiMessage<Request, unknown>,
  header: RequestHeader,
  request: Request
): Buffer[] {
  const writer = new Writer(header.version >= api.flexibleFrom)
  writer.int32(0).int16(api.key).int16(header.version).int32(header.correlationId)
  writer.classicString(header.clientId).noTags()
  api.encodeRequest(writer, request, header.version)
  // The first chunk starts with the placeholder of the size: chunks are cut only behind what was written first.
  const size = writer.length - 4
  const chunks = writer.chunks()
  chunks[0]?.writeInt32BE(size, 0)
  return chunks
}

/** The correlation id of a response frame (without its size): says which request it answers. */
export function responseCorrelationId(frame: Buffer): number {
  if (frame.length < 4) throw new ProtocolError(`Response of ${frame.length} bytes is too short for its header`)
  return frame.readInt32BE(0)
}

/**
 * The body of a response frame (without its size). Byte fields are views into the frame.
 *
 *   Header v0 => correlation_id INT32
 *   Header v1 => ... TAGS, for flexible versions; ApiVersions always has v0, so that any client can read it
 */
export function decodeResponseFrame<Response>(
  api: ApiMessage<never, Response>,
  version: number,
  frame: Buffer
): Response {
  const reader = new Reader(frame, version >= api.flexibleFrom)
  reader.int32()
  if (api.key !== apiVersionsKey) reader.skipTags()
  return api.decodeResponse(reader, version)
}
