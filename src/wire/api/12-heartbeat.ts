import { type ApiMessage } from '../api-message.ts'

/**
 * Heartbeat: a member of a classic group is alive, and asks whether a rebalance is under way. From v4 on flexible.
 *
 *   Request  v1  => group_id STRING, generation_id INT32, member_id STRING
 *            v3+ => group_instance_id NULLABLE_STRING
 *   Response v1+ => throttle_time_ms INT32, error_code INT16
 */
export interface HeartbeatRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  /** Null but for static members. */
  readonly groupInstanceId: string | null
}

export interface HeartbeatResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
}

export const heartbeat: ApiMessage<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 4,
  encodeRequest(writer, request, version) {
    writer.string(request.groupId).int32(request.generationId).string(request.memberId)
    if (version >= 3) writer.nullableString(request.groupInstanceId)
    writer.noTags()
  },
  decodeResponse(reader) {
    const response = { throttleTimeMs: reader.int32(), errorCode: reader.int16() }
    reader.skipTags()
    return response
  }
}
