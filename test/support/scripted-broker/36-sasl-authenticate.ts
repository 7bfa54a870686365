import {
  saslAuthenticate,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse
} from '../../../src/wire/api/36-sasl-authenticate.ts'
import { type BrokerApi } from './broker-api.ts'

export const brokerSaslAuthenticate: BrokerApi<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  minVersion: saslAuthenticate.minVersion,
  maxVersion: saslAuthenticate.maxVersion,
  flexibleFrom: saslAuthenticate.flexibleFrom,
  decodeRequest(reader) {
    const request = { authBytes: reader.bytes() }
    reader.skipTags()
    return request
  },
  encodeResponse(writer, response, version) {
    writer.int16(response.errorCode).nullableString(response.errorMessage).bytes(response.authBytes)
    if (version >= 1) writer.int64(response.sessionLifetimeMs)
    writer.noTags()
  }
}
