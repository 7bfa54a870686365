import { type ApiMessage } from '../api-message.ts'

/**
 * SaslAuthenticate: one step of the mechanism's exchange. v2 is flexible.
 *
 *   Request  v0  => auth_bytes BYTES
 *   Response v0  => error_code INT16, error_message NULLABLE_STRING, auth_bytes BYTES
 *            v1+ => ... session_lifetime_ms INT64 (KIP-368)
 */
export interface SaslAuthenticateRequest {
  readonly authBytes: Buffer
}

export interface SaslAuthenticateResponse {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly authBytes: Buffer
  /** Time after which the broker wants to be authenticated to again; 0n for never. */
  readonly sessionLifetimeMs: bigint
}

export const saslAuthenticate: ApiMessage<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  encodeRequest(writer, request) {
    writer.bytes(request.authBytes).noTags()
  },
  decodeResponse(reader, version) {
    const response = {
      errorCode: reader.int16(),
      errorMessage: reader.nullableString(),
      authBytes: reader.bytes(),
      sessionLifetimeMs: version >= 1 ? reader.int64() : 0n
    }
    reader.skipTags()
    return response
  }
}
