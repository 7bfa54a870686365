import { type ApiMessage } from '../api-message.ts'

/**
 * ListGroups: the groups that one broker coordinates, of every kind. From v3 on flexible. Groups that the principal may
 * not describe are left out without an error.
 *
 *   Request  v0  => empty
 *            v4  => [state STRING]
 *            v5  => ... [type STRING]
 *   Response v0  => error_code INT16, [group_id STRING, protocol_type STRING]
 *            v1+ => throttle_time_ms INT32 first
 *            v4+ => group: ... state STRING
 *            v5+ => group: ... type STRING
 */
export interface ListGroupsRequest {
  /** Only groups in these states; not sent before v4, empty for all. */
  readonly states: readonly string[]
  /** Only groups of these types (`Classic`, `Consumer`, ...); not sent before v5, empty for all. */
  readonly types: readonly string[]
}

export interface ListGroupsResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly groups: readonly ListedGroup[]
}

export interface ListedGroup {
  readonly groupId: string
  /** `consumer`, `connect`, ...; empty for groups that only ever had offsets committed. */
  readonly protocolType: string
  /** Empty before v4. */
  readonly state: string
  /** `classic`, `consumer`, `share`, ...; empty before v5. */
  readonly type: string
}

export const listGroups: ApiMessage<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  encodeRequest(writer, request, version) {
    if (version >= 4) writer.array(request.states, (state) => writer.string(state))
    if (version >= 5) writer.array(request.types, (type) => writer.string(type))
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = version >= 1 ? reader.int32() : 0
    const errorCode = reader.int16()
    const groups = reader.array(() => {
      const group = {
        groupId: reader.string(),
        protocolType: reader.string(),
        state: version >= 4 ? reader.string() : '',
        type: version >= 5 ? reader.string() : ''
      }
      reader.skipTags()
      return group
    })
    reader.skipTags()
    return { throttleTimeMs, errorCode, groups }
  }
}
