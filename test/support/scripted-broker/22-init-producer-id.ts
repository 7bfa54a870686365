import {
  initProducerId,
  type InitProducerIdRequest,
  type InitProducerIdResponse
} from '../../../src/wire/api/22-init-producer-id.ts'
import { type BrokerApi } from './broker-api.ts'

export const brokerInitProducerId: BrokerApi<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  minVersion: initProducerId.minVersion,
  maxVersion: initProducerId.maxVersion,
  flexibleFrom: initProducerId.flexibleFrom,
  decodeRequest(reader, version) {
    const request = {
      transactionalId: reader.nullableString(),
      transactionTimeoutMs: reader.int32(),
      producerId: version >= 3 ? reader.int64() : -1n,
      producerEpoch: version >= 3 ? reader.int16() : -1
    }
    reader.skipTags()
    return request
  },
  encodeResponse(writer, response) {
    writer.int32(response.throttleTimeMs).int16(response.errorCode)
    writer.int64(response.producerId).int16(response.producerEpoch).noTags()
  }
}
