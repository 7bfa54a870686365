import {
  findCoordinator,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse
} from '../../../src/wire/api/10-find-coordinator.ts'
import { type BrokerApi } from './broker-api.ts'

export const brokerFindCoordinator: BrokerApi<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  minVersion: findCoordinator.minVersion,
  maxVersion: findCoordinator.maxVersion,
  flexibleFrom: findCoordinator.flexibleFrom,
  decodeRequest(reader, version) {
    const request =
      version >= 4
        ? { keyType: reader.int8(), key: reader.array(() => reader.string()).join() }
        : { key: reader.string(), keyType: reader.int8() }
    reader.skipTags()
    return request
  },
  encodeResponse(writer, response, version) {
    const { errorCode, errorMessage, nodeId, host, port } = response
    writer.int32(response.throttleTimeMs)
    if (version >= 4) {
      writer.arrayLength(1).string('').int32(nodeId).string(host).int32(port)
      writer.int16(errorCode).nullableString(errorMessage).noTags()
    } else {
      writer.int16(errorCode).nullableString(errorMessage).int32(nodeId).string(host).int32(port)
    }
    writer.noTags()
  }
}
