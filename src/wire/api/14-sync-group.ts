import { type ApiMessage } from '../api-message.ts'

/**
 * SyncGroup: the leader of a classic group hands in what it assigned, and every member gets its part. Answered once the
 * leader has done so. From v4 on flexible.
 *
 *   Request  v1  => group_id STRING, generation_id INT32, member_id STRING, [member_id STRING, assignment BYTES]
 *            v3+ => group_instance_id NULLABLE_STRING after member_id
 *            v5+ => protocol_type NULLABLE_STRING, protocol_name NULLABLE_STRING before the array (KIP-559)
 *   Response v1  => throttle_time_ms INT32, error_code INT16, assignment BYTES
 *            v5+ => protocol_type NULLABLE_STRING, protocol_name NULLABLE_STRING after error_code
 */
export interface SyncGroupRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  /** Null but for static members. */
  readonly groupInstanceId: string | null
  /** Compared with the group's from v5 on. */
  readonly protocolType: string
  readonly protocolName: string
  /** Empty but for the leader. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]
}

export interface SyncGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  /** Null before v5. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  /** In the format of the protocol type. */
  readonly assignment: Buffer
}

export const syncGroup: ApiMessage<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 1,
  maxVersion: 5,
  flexibleFrom: 4,
  encodeRequest(writer, request, version) {
    writer.string(request.groupId).int32(request.generationId).string(request.memberId)
    if (version >= 3) writer.nullableString(request.groupInstanceId)
    if (version >= 5) writer.nullableString(request.protocolType).nullableString(request.protocolName)
    writer.array(request.assignments, ({ memberId, assignment }) => {
      writer.string(memberId).bytes(assignment).noTags()
    })
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const errorCode = reader.int16()
    const protocolType = version >= 5 ? reader.nullableString() : null
    const protocolName = version >= 5 ? reader.nullableString() : null
    const assignment = reader.bytes()
    reader.skipTags()
    return { throttleTimeMs, errorCode, protocolType, protocolName, assignment }
  }
}
