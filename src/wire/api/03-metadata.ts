import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * Metadata: brokers, topics, and who leads which partition. From v9 on flexible. Errors of single topics and
 * partitions are values here, never thrown.
 *
 *   Request  v4   => [name STRING] or null for all topics, allow_auto_topic_creation BOOL (false)
 *            v8   => ... include_cluster_authorized_operations BOOL (gone in v11),
 *                    include_topic_authorized_operations BOOL
 *            v10+ => topic: topic_id UUID (zero) before the name
 *   Response v4   => throttle_time_ms INT32, [node_id INT32, host STRING, port INT32, rack NULLABLE_STRING],
 *                    cluster_id NULLABLE_STRING, controller_id INT32,
 *                    [error_code INT16, name STRING, is_internal BOOL,
 *                     [error_code INT16, partition INT32, leader INT32, replicas [INT32], isr [INT32]]]
 *            v5   => partition: ... offline_replicas [INT32]
 *            v7   => partition: leader_epoch INT32 after leader
 *            v8   => topic: ... authorized_operations INT32; at the end cluster_authorized_operations INT32 (gone in v11)
 *            v10+ => topic: topic_id UUID after name; name NULLABLE_STRING from v12 on
 *
 * v4 is the oldest spoken: before it a broker creates whatever topic it is asked about.
 */
export interface MetadataRequest {
  /** Null asks for all topics, an empty list for none. */
  readonly topics: readonly string[] | null
}

export interface MetadataResponse {
  readonly throttleTimeMs: number
  readonly brokers: readonly MetadataBroker[]
  readonly clusterId: string | null
  /** -1 when there is none. */
  readonly controllerId: number
  readonly topics: readonly MetadataTopic[]
}

export interface MetadataBroker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface MetadataTopic {
  readonly errorCode: number
  readonly name: string
  /** Null before v10. */
  readonly topicId: Buffer | null
  readonly isInternal: boolean
  /** In the broker's order. */
  readonly partitions: readonly MetadataPartition[]
}

/** Without its replicas, which nobody here asks for: three lists for each of 10,000 partitions are most of an answer. */
export interface MetadataPartition {
  readonly errorCode: number
  readonly partition: number
  /** -1 when there is none. */
  readonly leader: number
  /** -1 before v7. */
  readonly leaderEpoch: number
}

export const metadata: ApiMessage<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  minVersion: 4,
  maxVersion: 12,
  flexibleFrom: 9,
  encodeRequest(writer, request, version) {
    writer.nullableArray(request.topics, (name) => {
      if (version >= 10) writer.uuid(null)
      writer.string(name).noTags()
    })
    writer.bool(false)
    if (version >= 8 && version <= 10) writer.bool(false)
    if (version >= 8) writer.bool(false)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const response = {
      throttleTimeMs: reader.int32(),
      brokers: reader.array(() => readBroker(reader)),
      clusterId: reader.nullableString(),
      controllerId: reader.int32(),
      topics: reader.array(() => readTopic(reader, version))
    }
    if (version >= 8 && version <= 10) reader.int32()
    reader.skipTags()
    return response
  }
}

function readBroker(reader: Reader): MetadataBroker {
  const broker = { nodeId: reader.int32(), host: reader.string(), port: reader.int32(), rack: reader.nullableString() }
  reader.skipTags()
  return broker
}

function readTopic(reader: Reader, version: number): MetadataTopic {
  const topic = {
    errorCode: reader.int16(),
    name: reader.nullableString() ?? '',
    topicId: version >= 10 ? reader.uuid() : null,
    isInternal: reader.bool(),
    partitions: reader.array(() => readPartition(reader, version))
  }
  if (version >= 8) reader.int32()
  reader.skipTags()
  return topic
}

function readPartition(reader: Reader, version: number): MetadataPartition {
  const partition = {
    errorCode: reader.int16(),
    partition: reader.int32(),
    leader: reader.int32(),
    leaderEpoch: version >= 7 ? reader.int32() : -1
  }
  reader.skipInt32s().skipInt32s()
  if (version >= 5) reader.skipInt32s()
  reader.skipTags()
  return partition
}
