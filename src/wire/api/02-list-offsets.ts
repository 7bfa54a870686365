import { type ApiMessage } from '../api-message.ts'

/**
 * ListOffsets: the offset that belongs to a timestamp, or either end of the log. From v6 on flexible.
 *
 *   Request  v2  => replica_id INT32 (-1), isolation_level INT8, [name STRING, [partition INT32, timestamp INT64]]
 *            v4+ => partition: current_leader_epoch INT32 after partition
 *   Response v2  => throttle_time_ms INT32,
 *                   [name STRING, [partition INT32, error_code INT16, timestamp INT64, offset INT64]]
 *            v4+ => partition: ... leader_epoch INT32
 *
 * v7 is the first that knows `maxTimestamp`. v1 cannot say read_committed, and no broker from 0.11 on needs it.
 */
export interface ListOffsetsRequest {
  /** 0: the log's end is the high watermark; 1: the last stable offset. */
  readonly isolationLevel: number
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly {
      readonly partition: number
      /** Milliseconds, or one of `offsetSpec`. */
      readonly timestamp: bigint
      /** -1 does without the broker's check. */
      readonly currentLeaderEpoch: number
    }[]
  }[]
}

/** Timestamps with a meaning of their own. */
export const offsetSpec = { latest: -1n, earliest: -2n, maxTimestamp: -3n } as const

export interface ListOffsetsResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly { readonly name: string; readonly partitions: readonly ListedOffset[] }[]
}

export interface ListedOffset {
  readonly partition: number
  readonly errorCode: number
  /** Of the record found; -1n for the ends of the log. */
  readonly timestamp: bigint
  /** -1n when no record is that young. */
  readonly offset: bigint
  /** -1 before v4 or when unknown. */
  readonly leaderEpoch: number
}

export const listOffsets: ApiMessage<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 6,
  encodeRequest(writer, request, version) {
    writer.int32(-1).int8(request.isolationLevel)
    writer.array(request.topics, (topic) => {
      writer.string(topic.name)
      writer.array(topic.partitions, (partition) => {
        writer.int32(partition.partition)
        if (version >= 4) writer.int32(partition.currentLeaderEpoch)
        writer.int64(partition.timestamp).noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const topics = reader.array(() => {
      const name = reader.string()
      const partitions = reader.array(() => {
        const listed = {
          partition: reader.int32(),
          errorCode: reader.int16(),
          timestamp: reader.int64(),
          offset: reader.int64(),
          leaderEpoch: version >= 4 ? reader.int32() : -1
        }
        reader.skipTags()
        return listed
      })
      reader.skipTags()
      return { name, partitions }
    })
    reader.skipTags()
    return { throttleTimeMs, topics }
  }
}
