import { type ApiMessage } from '../api-message.ts'

/**
 * SaslHandshake: picks the SASL mechanism. Never flexible.
 *
 *   Request  v1 => mechanism STRING
 *   Response v1 => error_code INT16, [mechanism STRING]
 *
 * After v0 (brokers before 1.0) the exchange would go on outside of Kafka's framing; it is not spoken here.
 */
export interface SaslHandshakeRequest {
  readonly mechanism: string
}

export interface SaslHandshakeResponse {
  readonly errorCode: number
  /** Those that the listener offers. */
  readonly mechanisms: readonly string[]
}

export const saslHandshake: ApiMessage<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: 'SaslHandshake',
  minVersion: 1,
  maxVersion: 1,
  flexibleFrom: Infinity,
  encodeRequest(writer, request) {
    writer.string(request.mechanism)
  },
  decodeResponse(reader) {
    return { errorCode: reader.int16(), mechanisms: reader.array(() => reader.string()) }
  }
}
