import { type ApiMessage } from '../api-message.ts'
import { ProtocolError, type Reader } from '../reader.ts'
import { type Writer } from '../writer.ts'

/**
 * OffsetFetch: a group's stored positions. From v6 on flexible. One group a request here; v8+ could take several.
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
  readonly groupId: string
  /** Null asks for every partition that the group has a position in. */
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[] | null
  /** Answer UNSTABLE_OFFSET_COMMIT while a transaction is about to change a position; not sent before v7. */
  readonly requireStable: boolean
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number
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
  encodeRequest(writer, request, version) {
    if (version >= 8) writer.arrayLength(1)
    writeGroup(writer, request)
    if (version >= 8) writer.noTags()
    if (version >= 7) writer.bool(request.requireStable)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    if (version >= 8) {
      const [group, ...others] = reader.array(() => readGroup(reader))
      if (group === undefined || others.length > 0)
        throw new ProtocolError('OffsetFetch answers for other than one group')
      reader.skipTags()
      return { throttleTimeMs, ...group }
    }
    const topics = readTopics(reader, version)
    const errorCode = reader.int16()
    reader.skipTags()
    return { throttleTimeMs, errorCode, topics }
  }
}

function writeGroup(writer: Writer, request: OffsetFetchRequest): void {
  writer.string(request.groupId)
  writer.nullableArray(request.topics, (topic) => {
    writer.string(topic.name)
    writer.array(topic.partitions, (partition) => writer.int32(partition)).noTags()
  })
}

function readGroup(reader: Reader): { topics: OffsetFetchTopic[]; errorCode: number } {
  reader.string()
  const group = { topics: readTopics(reader, 8), errorCode: reader.int16() }
  reader.skipTags()
  return group
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
