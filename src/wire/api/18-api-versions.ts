import { type ApiMessage } from '../api-message.ts'
import { brokerErrors } from '../error-codes.ts'
import { Reader } from '../reader.ts'

/**
 * ApiVersions (KIP-35, KIP-511): which versions of each API a broker offers.
 *
 *   Request  v0-2 => (empty)
 *            v3   => client_software_name COMPACT_STRING, client_software_version COMPACT_STRING, TAGS
 *   Response v0   => error_code INT16, [api_key INT16, min_version INT16, max_version INT16]
 *            v1+  => ... throttle_time_ms INT32
 *            v3   => compact array, TAGS after each element and at the end
 *
 * The response header is never flexible, so that a broker which knows no v3 can still be understood: it answers v3
 * with error 35 (UNSUPPORTED_VERSION) in a v0 body.
 */
export interface ApiVersionsRequest {
  readonly clientSoftwareName: string
  readonly clientSoftwareVersion: string
}

export interface ApiVersionsResponse {
  readonly errorCode: number
  readonly apiKeys: readonly { readonly key: number; readonly minVersion: number; readonly maxVersion: number }[]
  readonly throttleTimeMs: number
}

export const apiVersions: ApiMessage<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 3,
  encodeRequest(writer, request, version) {
    if (version < 3) return
    writer.string(request.clientSoftwareName).string(request.clientSoftwareVersion).noTags()
  },
  decodeResponse(reader, version) {
    const errorCode = reader.int16()
    if (errorCode === brokerErrors.UNSUPPORTED_VERSION && version > 0) {
      return apiVersions.decodeResponse(new Reader(reader.buffer, false, reader.offset - 2), 0)
    }
    const apiKeys = reader.array(() => {
      const range = { key: reader.int16(), minVersion: reader.int16(), maxVersion: reader.int16() }
      reader.skipTags()
      return range
    })
    const throttleTimeMs = version >= 1 ? reader.int32() : 0
    reader.skipTags()
    return { errorCode, apiKeys, throttleTimeMs }
  }
}
