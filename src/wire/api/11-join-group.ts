import { type ApiMessage } from '../api-message.ts'

/**
 * JoinGroup: a member of a classic group joins, or takes part in a rebalance. Answered when all members have joined or the
 * rebalance timeout is over: the connection answers nothing else until then. From v6 on flexible.
 *
 *   Request  v2  => group_id STRING, session_timeout_ms INT32, rebalance_timeout_ms INT32, member_id STRING,
 *                   protocol_type STRING, [name STRING, metadata BYTES]
 *            v5+ => group_instance_id NULLABLE_STRING after member_id
 *            v8+ => reason NULLABLE_STRING at the end (KIP-800)
 *   Response v2  => throttle_time_ms INT32, error_code INT16, generation_id INT32, protocol_name STRING,
 *                   leader STRING, member_id STRING, [member_id STRING, metadata BYTES]
 *            v5+ => member: group_instance_id NULLABLE_STRING after member_id
 *            v7+ => protocol_type NULLABLE_STRING after generation_id; protocol_name is nullable
 *            v9+ => skip_assignment BOOL after leader (KIP-814; static members only)
 *
 * v4 has a new member join twice, the second time with the id that the broker gave it (KIP-394).
 */
export interface JoinGroupRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Empty for a new member. */
  readonly memberId: string
  /** Null but for static members. */
  readonly groupInstanceId: string | null
  /** `consumer`, `connect`, ... */
  readonly protocolType: string
  /** In order of preference. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[]
  /** For the broker's log; not sent before v8. */
  readonly reason: string | null
}

export interface JoinGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly generationId: number
  /** Null before v7. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  /** Member id of the one that assigns. */
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  /** Empty but for the leader. */
  readonly members: readonly JoinedMember[]
}

export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Of the protocol that was chosen. */
  readonly metadata: Buffer
}

export const joinGroup: ApiMessage<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 2,
  maxVersion: 9,
  flexibleFrom: 6,
  encodeRequest(writer, request, version) {
    writer.string(request.groupId).int32(request.sessionTimeoutMs).int32(request.rebalanceTimeoutMs)
    writer.string(request.memberId)
    if (version >= 5) writer.nullableString(request.groupInstanceId)
    writer.string(request.protocolType)
    writer.array(request.protocols, ({ name, metadata }) => writer.string(name).bytes(metadata).noTags())
    if (version >= 8) writer.nullableString(request.reason)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const errorCode = reader.int16()
    const generationId = reader.int32()
    const protocolType = version >= 7 ? reader.nullableString() : null
    const protocolName = version >= 7 ? reader.nullableString() : reader.string()
    const leader = reader.string()
    const skipAssignment = version >= 9 && reader.bool()
    const memberId = reader.string()
    const members = reader.array(() => {
      const member = {
        memberId: reader.string(),
        groupInstanceId: version >= 5 ? reader.nullableString() : null,
        metadata: reader.bytes()
      }
      reader.skipTags()
      return member
    })
    reader.skipTags()
    const joined = { throttleTimeMs, errorCode, generationId, protocolType, protocolName }
    return { ...joined, leader, skipAssignment, memberId, members }
  }
}
