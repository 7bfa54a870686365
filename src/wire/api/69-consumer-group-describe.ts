import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * ConsumerGroupDescribe: state and members of groups of the newer consumer protocol (KIP-848), from their coordinator.
 * Always flexible. Groups of other kinds are answered with GROUP_ID_NOT_FOUND.
 *
 *   Request  v0 => [group_id STRING], include_authorized_operations BOOL
 *   Response v0 => throttle_time_ms INT32,
 *                  [error_code INT16, error_message NULLABLE_STRING, group_id STRING, state STRING, group_epoch INT32,
 *                   assignment_epoch INT32, assignor STRING,
 *                   [member_id STRING, instance_id NULLABLE_STRING, rack_id NULLABLE_STRING, member_epoch INT32,
 *                    client_id STRING, client_host STRING, [topic STRING], topic_regex NULLABLE_STRING,
 *                    assignment, target_assignment],
 *                   authorized_operations INT32]
 *            v1 => member: ... member_type INT8
 *   Assignment  => [topic_id UUID, name STRING, [INT32]]
 */
export interface ConsumerGroupDescribeRequest {
  readonly groups: readonly string[]
}

export interface ConsumerGroupDescribeResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly DescribedConsumerGroup[]
}

export interface DescribedConsumerGroup {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly groupId: string
  /** `Empty`, `Assigning`, `Reconciling`, `Stable`, `Dead`. */
  readonly state: string
  readonly members: readonly { readonly memberId: string; readonly clientId: string; readonly clientHost: string }[]
}

export const consumerGroupDescribe: ApiMessage<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  encodeRequest(writer, request) {
    writer.array(request.groups, (groupId) => writer.string(groupId))
    writer.bool(false).noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const groups = reader.array(() => readGroup(reader, version))
    reader.skipTags()
    return { throttleTimeMs, groups }
  }
}

function readGroup(reader: Reader, version: number): DescribedConsumerGroup {
  const head = {
    errorCode: reader.int16(),
    errorMessage: reader.nullableString(),
    groupId: reader.string(),
    state: reader.string()
  }
  // Epochs of the group and of its assignment, and the assignor.
  reader.int32()
  reader.int32()
  reader.string()
  const members = reader.array(() => readMember(reader, version))
  reader.int32()
  reader.skipTags()
  return { ...head, members }
}

function readMember(reader: Reader, version: number): DescribedConsumerGroup['members'][number] {
  const memberId = reader.string()
  reader.nullableString()
  reader.nullableString()
  reader.int32()
  const client = { clientId: reader.string(), clientHost: reader.string() }
  reader.array(() => reader.string())
  reader.nullableString()
  skipAssignment(reader)
  skipAssignment(reader)
  if (version >= 1) reader.int8()
  reader.skipTags()
  return { memberId, ...client }
}

function skipAssignment(reader: Reader): void {
  reader.array(() => {
    reader.uuid()
    reader.string()
    reader.array(() => reader.int32())
    reader.skipTags()
  })
  reader.skipTags()
}
