import { type ApiMessage } from '../api-message.ts'

/**
 * LeaveGroup: a member of a classic group goes. One member a request here; v3+ could name several. From v4 on flexible.
 *
 *   Request  v1  => group_id STRING, member_id STRING
 *            v3+ => group_id STRING, [member_id STRING, group_instance_id NULLABLE_STRING]
 *            v5+ => member: reason NULLABLE_STRING (KIP-800)
 *   Response v1  => throttle_time_ms INT32, error_code INT16
 *            v3+ => ... [member_id STRING, group_instance_id NULLABLE_STRING, error_code INT16]
 */
export interface LeaveGroupRequest {
  readonly groupId: string
  readonly memberId: string
  /** Null but for static members. */
  readonly groupInstanceId: string | null
  /** For the broker's log; not sent before v5. */
  readonly reason: string | null
}

export interface LeaveGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  /** Empty before v3, where `errorCode` says all. */
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly errorCode: number
  }[]
}

export const leaveGroup: ApiMessage<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 1,
  maxVersion: 5,
  flexibleFrom: 4,
  encodeRequest(writer, request, version) {
    writer.string(request.groupId)
    if (version < 3) {
      writer.string(request.memberId)
      return
    }
    writer.array([request], ({ memberId, groupInstanceId, reason }) => {
      writer.string(memberId).nullableString(groupInstanceId)
      if (version >= 5) writer.nullableString(reason)
      writer.noTags()
    })
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const errorCode = reader.int16()
    if (version < 3) return { throttleTimeMs, errorCode, members: [] }
    const members = reader.array(() => {
      const member = {
        memberId: reader.string(),
        groupInstanceId: reader.nullableString(),
        errorCode: reader.int16()
      }
      reader.skipTags()
      return member
    })
    reader.skipTags()
    return { throttleTimeMs, errorCode, members }
  }
}
