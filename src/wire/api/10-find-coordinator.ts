import { type ApiMessage } from '../api-message.ts'
import { ProtocolError } from '../reader.ts'

/**
 * FindCoordinator: the broker that coordinates a group or a transactional id. From v3 on flexible. One key a request
 * here; v4 could take several (KIP-699).
 *
 *   Request  v1  => key STRING, key_type INT8
 *            v4  => key_type INT8, [key STRING]
 *   Response v1  => throttle_time_ms INT32, error_code INT16, error_message NULLABLE_STRING,
 *                   node_id INT32, host STRING, port INT32
 *            v4  => throttle_time_ms INT32, [key STRING, node_id INT32, host STRING, port INT32,
 *                   error_code INT16, error_message NULLABLE_STRING]
 */
export interface FindCoordinatorRequest {
  readonly key: string
  readonly keyType: number
}

export const coordinatorKeyType = { group: 0, transaction: 1 } as const

export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
  /** -1 on errors, with host '' and port -1. */
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export const findCoordinator: ApiMessage<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 3,
  encodeRequest(writer, request, version) {
    if (version >= 4) writer.int8(request.keyType).array([request.key], (key) => writer.string(key))
    else writer.string(request.key).int8(request.keyType)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    if (version < 4) {
      const result = { errorCode: reader.int16(), errorMessage: reader.nullableString() }
      const coordinator = { nodeId: reader.int32(), host: reader.string(), port: reader.int32() }
      reader.skipTags()
      return { throttleTimeMs, ...result, ...coordinator }
    }
    const [coordinator, ...others] = reader.array(() => {
      reader.string()
      const found = {
        nodeId: reader.int32(),
        host: reader.string(),
        port: reader.int32(),
        errorCode: reader.int16(),
        errorMessage: reader.nullableString()
      }
      reader.skipTags()
      return found
    })
    if (coordinator === undefined || others.length > 0) {
      throw new ProtocolError('FindCoordinator answers for other than one key')
    }
    reader.skipTags()
    return { throttleTimeMs, ...coordinator }
  }
}
