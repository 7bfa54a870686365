import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'

/**
 * CreateTopics; replicas are placed by the broker. From v5 on flexible.
 *
 *   Request  v2  => [name STRING, num_partitions INT32, replication_factor INT16, assignments [] (empty),
 *                    [name STRING, value NULLABLE_STRING]], timeout_ms INT32, validate_only BOOL
 *   Response v2  => throttle_time_ms INT32, [name STRING, error_code INT16, error_message NULLABLE_STRING]
 *            v5  => topic: ... num_partitions INT32, replication_factor INT16, configs [name STRING,
 *                   value NULLABLE_STRING, read_only BOOL, source INT8, is_sensitive BOOL] or null
 *            v7  => topic: topic_id UUID after name
 *
 * From v4 on -1 asks for the cluster's default partition count or replication factor (KIP-464).
 */
export interface CreateTopicsRequest {
  readonly topics: readonly NewTopic[]
  readonly timeoutMs: number
  /** Only check, create nothing. */
  readonly validateOnly: boolean
}

export interface NewTopic {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly CreatedTopic[]
}

export interface CreatedTopic {
  readonly name: string
  /** Null before v7 and on errors. */
  readonly topicId: Buffer | null
  readonly errorCode: number
  readonly errorMessage: string | null
  /** -1 before v5 and on errors. */
  readonly numPartitions: number
  readonly replicationFactor: number
}

export const createTopics: ApiMessage<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 5,
  encodeRequest(writer, request) {
    writer.array(request.topics, (topic) => {
      writer.string(topic.name).int32(topic.numPartitions).int16(topic.replicationFactor).arrayLength(0)
      writer.array(topic.configs, ({ name, value }) => writer.string(name).nullableString(value).noTags())
      writer.noTags()
    })
    writer.int32(request.timeoutMs).bool(request.validateOnly).noTags()
  },
  decodeResponse(reader, version) {
    const response = { throttleTimeMs: reader.int32(), topics: reader.array(() => readTopic(reader, version)) }
    reader.skipTags()
    return response
  }
}

function readTopic(reader: Reader, version: number): CreatedTopic {
  const topic = {
    name: reader.string(),
    topicId: version >= 7 ? reader.uuid() : null,
    errorCode: reader.int16(),
    errorMessage: reader.nullableString(),
    numPartitions: version >= 5 ? reader.int32() : -1,
    replicationFactor: version >= 5 ? reader.int16() : -1
  }
  if (version >= 5)
    reader.array(() => {
      skipConfig(reader)
    })
  reader.skipTags()
  return topic
}

/** DescribeConfigs tells the same and more. */
function skipConfig(reader: Reader): void {
  reader.string()
  reader.nullableString()
  reader.bool()
  reader.int8()
  reader.bool()
  reader.skipTags()
}
