import { type ApiMessage } from './api-message.ts'
import { Reader } from './reader.ts'

type ApiIdentity = Pick<ApiMessage<never, unknown>, 'key' | 'flexibleFrom'>

export interface RequestHeader {
  readonly version: number
  readonly correlationId: number
  /** In UTF-8, at most 32767 bytes. */
  readonly clientId: Buffer
  /** Length of what follows the header. */
  readonly bodyBytes: number
}

/**
 * Frame length and header of a request.
 *
 *   Frame     => length INT32, header, body
 *   Header v1 => api_key INT16, api_version INT16, correlation_id INT32, client_id NULLABLE_STRING
 *   Header v2 => v1, TAGS (client_id keeps its old form); goes with the flexible versions of an API
 */
export function encodeRequestHeader(api: ApiIdentity, header: RequestHeader): Buffer {
  const { version, correlationId, clientId, bodyBytes } = header
  const tagBytes = version >= api.flexibleFrom ? 1 : 0
  const bytes = Buffer.alloc(14 + clientId.length + tagBytes)
  bytes.writeInt32BE(bytes.length - 4 + bodyBytes, 0)
  bytes.writeInt16BE(api.key, 4)
  bytes.writeInt16BE(version, 6)
  bytes.writeInt32BE(correlationId, 8)
  bytes.writeInt16BE(clientId.length, 12)
  bytes.set(clientId, 14)
  return bytes
}

/**
 * A reader that stands at the body of a response, for `api.decodeResponse`.
 *
 *   Header v0 => correlation_id INT32
 *   Header v1 => v0, TAGS; goes with the flexible versions of an API, except ApiVersions, which always has v0
 */
export function responseBodyReader(frame: Buffer, api: ApiIdentity, version: number): Reader {
  const flexible = version >= api.flexibleFrom
  const reader = new Reader(frame, flexible, 4)
  if (api.key !== apiVersionsKey) reader.skipTags()
  return reader
}

const apiVersionsKey = 18
