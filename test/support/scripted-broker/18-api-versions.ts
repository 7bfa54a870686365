import {
  apiVersions,
  type ApiVersionsRequest,
  type ApiVersionsResponse
} from '../../../src/wire/api/18-api-versions.ts'
import { type BrokerApi } from './broker-api.ts'

export const brokerApiVersions: BrokerApi<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  minVersion: apiVersions.minVersion,
  maxVersion: apiVersions.maxVersion,
  flexibleFrom: apiVersions.flexibleFrom,
  decodeRequest(reader, version) {
    if (version < 3) return { clientSoftwareName: '', clientSoftwareVersion: '' }
    const request = { clientSoftwareName: reader.string(), clientSoftwareVersion: reader.string() }
    reader.skipTags()
    return request
  },
  encodeResponse(writer, response, version) {
    writer.int16(response.errorCode).array(response.apiKeys, ({ key, minVersion, maxVersion }) => {
      writer.int16(key).int16(minVersion).int16(maxVersion).noTags()
    })
    if (version >= 1) writer.int32(response.throttleTimeMs)
    writer.noTags()
  }
}
