import { type ApiMessage } from '../api-message.ts'

/**
 * OffsetCommit: stores a group's positions. From v8 on flexible.
 *
 *   Request  v2  => group_id STRING, generation INT32, member_id STRING, retention_time_ms INT64 (-1; gone in v5),
 *                   [name STRING, [partition INT32, offset INT64, metadata NULLABLE_STRING]]
 *            v6  => partition: leader_epoch INT32 after offset
 *            v7+ => group_instance_id NULLABLE_STRING after member_id
 *   Response v3+ => throttle_time_ms INT32, [name STRING, [partition INT32, error_code INT16]]
 *
 * v9 allows the errors of the newer group protocol (KIP-848) and changes no bytes.
 */
export interface OffsetCommitRequest {
  readonly groupId: string
  /** -1 with member id '' commits from outside; brokers take that while the group has no members. */
  readonly generationId: number
  readonly memberId: string
  /** Null but for static members. */
  readonly groupInstanceId: string | null
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly {
      readonly partition: number
      readonly offset: bigint
      /** -1 when unknown; not sent before v6. */
      readonly leaderEpoch: number
      readonly metadata: string | null
    }[]
  }[]
}

export interface OffsetCommitResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[]
  }[]
}

export const offsetCommit: ApiMessage<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 3,
  maxVersion: 9,
  flexibleFrom: 8,
  encodeRequest(writer, request, version) {
    writer.string(request.groupId).int32(request.generationId).string(request.memberId)
    if (version >= 7) writer.nullableString(request.groupInstanceId)
    if (version < 5) writer.int64(-1n)
    writer.array(request.topics, (topic) => {
      writer.string(topic.name)
      writer.array(topic.partitions, (partition) => {
        writer.int32(partition.partition).int64(partition.offset)
        if (version >= 6) writer.int32(partition.leaderEpoch)
        writer.nullableString(partition.metadata).noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  },
  decodeResponse(reader) {
    const throttleTimeMs = reader.int32()
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => {
        const committed = { partition: reader.int32(), errorCode: reader.int16() }
        reader.skipTags()
        return committed
      })
      reader.skipTags()
      return { name, partitions }
    })
    reader.skipTags()
    return { throttleTimeMs, topics }
  }
}
