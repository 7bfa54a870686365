import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * DescribeGroups: state and members of classic groups, from their coordinator. A group that does not exist, or that
 * uses the newer consumer protocol (KIP-848), is answered as `Dead` without an error. From v5 on flexible.
 *
 *   Request  v0  => [group_id STRING]
 *            v3+ => ... include_authorized_operations BOOL
 *   Response v0  => [error_code INT16, group_id STRING, state STRING, protocol_type STRING, protocol STRING,
 *                   [member_id STRING, client_id STRING, client_host STRING, metadata BYTES, assignment BYTES]]
 *            v1+ => throttle_time_ms INT32 first
 *            v3+ => group: ... authorized_operations INT32
 *            v4+ => member: group_instance_id NULLABLE_STRING after member_id
 */
export interface DescribeGroupsRequest {
  readonly groups: readonly string[]
}

export interface DescribeGroupsResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly DescribedGroup[]
}

export interface DescribedGroup {
  readonly errorCode: number
  readonly groupId: string
  readonly state: string
  /** `consumer`, `connect`, ...; empty when the group is Dead. */
  readonly protocolType: string
  /** The assignor that the group agreed on. */
  readonly protocol: string
  readonly members: readonly DescribedMember[]
}

export interface DescribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** In the format of the protocol type. */
  readonly metadata: Buffer
  readonly assignment: Buffer
}

export const describeGroups: ApiMessage<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 5,
  encodeRequest(writer, request, version) {
    writer.array(request.groups, (groupId) => writer.string(groupId))
    if (version >= 3) writer.bool(false)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = version >= 1 ? reader.int32() : 0
    const groups = reader.array(() => readGroup(reader, version))
    reader.skipTags()
    return { throttleTimeMs, groups }
  }
}

function readGroup(reader: Reader, version: number): DescribedGroup {
  const group = {
    errorCode: reader.int16(),
    groupId: reader.string(),
    state: reader.string(),
    protocolType: reader.string(),
    protocol: reader.string(),
    members: reader.array(() => readMember(reader, version))
  }
  if (version >= 3) reader.int32()
  reader.skipTags()
  return group
}

function readMember(reader: Reader, version: number): DescribedMember {
  const member = {
    memberId: reader.string(),
    groupInstanceId: version >= 4 ? reader.nullableString() : null,
    clientId: reader.string(),
    clientHost: reader.string(),
    metadata: reader.bytes(),
    assignment: reader.bytes()
  }
  reader.skipTags()
  return member
}
