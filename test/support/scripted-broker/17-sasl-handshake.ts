import {
  saslHandshake,
  type SaslHandshakeRequest,
  type SaslHandshakeResponse
} from '../../../src/wire/api/17-sasl-handshake.ts'
import { type BrokerApi } from './broker-api.ts'

export const brokerSaslHandshake: BrokerApi<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  minVersion: saslHandshake.minVersion,
  maxVersion: saslHandshake.maxVersion,
  flexibleFrom: saslHandshake.flexibleFrom,
  decodeRequest(reader) {
    return { mechanism: reader.string() }
  },
  encodeResponse(writer, response) {
    writer.int16(response.errorCode).array(response.mechanisms, (mechanism) => writer.string(mechanism))
  }
}
