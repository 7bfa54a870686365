import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'
import { type Writer } from '../writer.ts'

/**
 * OffsetFetch: stored positions of groups. From v6 on flexible; one group a request before v8.
 *
 *   Request  v2  => group_id STRING, [name STRING, [INT32]] or null for all topics
 *            v7  => ... require_stable BOOL
 *            v8+ => [group_id STRING, [name STRING, [INT32]] or null], require_stable BOOL
 *   Response v3  => throttle_time_ms INT32,
 *                   [name STRING, [partition INT32, offset INT64, metadata NULLABLE_STRING, error_code INT16]],
 *                   error_code INT16
 *            v5+ => partition: leader_epoch INT32 after offset
 *            v8+ => throttle_time_ms INT32, [group_id STRING, topics as above, error_code INT16]
 */
export interface OffsetFetchRequest {
  readonly groups: readonly OffsetFetchGroup[]
  /** Answer UNSTABLE_OFFSET_COMMIT while a transaction is about to change a position; not sent before v7. */
  readonly requireStable: boolean
}

export interface OffsetFetchGroup {
  readonly groupId: string
  /** Null asks for every partition that the group has a position in. */
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[] | null
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number
  readonly groups: readonly FetchedGroup[]
}

export interface FetchedGroup {
  /** Empty before v8, where only one group is asked for. */
  readonly groupId: string
  /** Of the group as a whole. */
  readonly errorCode: number
  readonly topics: readonly OffsetFetchTopic[]
}

export interface OffsetFetchTopic {
  readonly name: string
  readonly partitions: readonly FetchedOffset[]
}

export interface FetchedOffset {
  readonly partition: number
  /** -1n when the group has no position there. */
  readonly offset: bigint
  /** -1 before v5 or when unknown. */
  readonly leaderEpoch: number
  readonly metadata: string | null
  readonly errorCode: number
}

export const offsetFetch: ApiMessage<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 3,
  maxVersion: 8,
  flexibleFrom: 6,
  encodeRequest(writer, { groups, requireStable }, version) {
    if (version >= 8) {
      writer.array(groups, (group) => {
        writeGroup(writer, group)
        writer.noTags()
      })
    } else {
      const [group, ...others] = groups
      if (group === undefined || others.length > 0) throw new RangeError('OffsetFetch before v8 is about one group')
      writeGroup(writer, group)
    }
    if (version >= 7) writer.bool(requireStable)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const groups = version >= 8 ? reader.array(() => readGroup(reader)) : [readOnlyGroup(reader, version)]
    reader.skipTags()
    return { throttleTimeMs, groups }
  }
}

/** The same where several groups may be asked for. */
export const offsetFetchOfGroups: ApiMessage<OffsetFetchRequest, OffsetFetchResponse> = {
  ...offsetFetch,
  minVersion: 8
}

function writeGroup(writer: Writer, group: OffsetFetchGroup): void {
  writer.string(group.groupId)
  writer.nullableArray(group.topics, (topic) => {
    writer.string(topic.name)
    writer.array(topic.partitions, (partition) => writer.int32(partition)).noTags()
  })
}

function readGroup(reader: Reader): FetchedGroup {
  const group = { groupId: reader.string(), topics: readTopics(reader, 8), errorCode: reader.int16() }
  reader.skipTags()
  return group
}

function readOnlyGroup(reader: Reader, version: number): FetchedGroup {
  return { groupId: '', topics: readTopics(reader, version), errorCode: reader.int16() }
}

function readTopics(reader: Reader, version: number): OffsetFetchTopic[] {
  return reader.array(() => {
    const name = reader.string()
    const partitions = reader.array(() => {
      const fetched = {
        partition: reader.int32(),
        offset: reader.int64(),
        leaderEpoch: version >= 5 ? reader.int32() : -1,
        metadata: reader.nullableString(),
        errorCode: reader.int16()
      }
      reader.skipTags()
      return fetched
    })
    reader.skipTags()
    return { name, partitions }
  })
}
