import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'
import { type NodeEndpoint, type PartitionLeaderHint, readLeaderHint, readNodeEndpoints } from './leader-hint.ts'

/**
 * Produce: appends one record batch to each of some partitions. From v9 on flexible (compact types, TAGS everywhere).
 *
 *   Request  v3+  => transactional_id NULLABLE_STRING, acks INT16, timeout_ms INT32,
 *                    [name STRING, [index INT32, records NULLABLE_BYTES]]
 *   Response v3   => [name STRING, [index INT32, error_code INT16, base_offset INT64, log_append_time_ms INT64]],
 *                    throttle_time_ms INT32
 *            v5+  => partition: ... log_start_offset INT64
 *            v8+  => partition: ... [batch_index INT32, message NULLABLE_STRING], error_message NULLABLE_STRING
 *            v10+ => partition TAG 0: leader_id INT32, leader_epoch INT32 (KIP-951)
 *                    TAG 0: [node_id INT32, host STRING, port INT32, rack NULLABLE_STRING]
 *
 * v7 is the first that may carry zstd. v11 announces that the client understands TRANSACTION_ABORTABLE.
 */
export interface ProduceRequest {
  /** Null outside transactions. */
  readonly transactionalId: string | null
  /** -1 all in-sync replicas, 1 the leader, 0 nobody (then there is no response). */
  readonly acks: number
  readonly timeoutMs: number
  /** A partition must not occur twice: brokers keep the last and lose the rest without an error. */
  readonly topics: readonly ProduceTopic[]
}

export interface ProduceTopic {
  readonly name: string
  readonly partitions: readonly ProducePartition[]
}

export interface ProducePartition {
  readonly partition: number
  /** Exactly one magic 2 batch; sent from where it is, so not to be changed before the response. */
  readonly records: Buffer
}

export interface ProduceResponse {
  readonly throttleTimeMs: number
  readonly topics: readonly ProduceTopicResponse[]
  /** Addresses of leaders named in the partitions; empty before v10 and when nothing moved. */
  readonly nodeEndpoints: readonly NodeEndpoint[]
}

export interface ProduceTopicResponse {
  readonly name: string
  readonly partitions: readonly ProducePartitionResponse[]
}

export interface ProducePartitionResponse {
  readonly partition: number
  readonly errorCode: number
  /** Offset of the batch's first record; -1n on errors. */
  readonly baseOffset: bigint
  /** -1n unless the topic has LogAppendTime. */
  readonly logAppendTimeMs: bigint
  /** -1n before v5. */
  readonly logStartOffset: bigint
  /** Records that made the broker refuse the whole batch (KIP-467); empty before v8. */
  readonly recordErrors: readonly RecordError[]
  readonly errorMessage: string | null
  /** The new leader, when the broker is no longer it and knows who is. */
  readonly currentLeader: PartitionLeaderHint | null
}

export interface RecordError {
  /** Index of the record within the batch. */
  readonly batchIndex: number
  readonly message: string | null
}

const none: readonly never[] = []

export const produce: ApiMessage<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 11,
  flexibleFrom: 9,
  encodeRequest(writer, request) {
    writer.nullableString(request.transactionalId).int16(request.acks).int32(request.timeoutMs)
    writer.arrayLength(request.topics.length)
    for (const topic of request.topics) {
      writer.string(topic.name).arrayLength(topic.partitions.length)
      for (const { partition, records } of topic.partitions) writer.int32(partition).bytes(records).noTags()
      writer.noTags()
    }
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const topics: ProduceTopicResponse[] = []
    for (let count = reader.arrayLength(); count > 0; count--) {
      const name = reader.string()
      const partitions: ProducePartitionResponse[] = []
      for (let left = reader.arrayLength(); left > 0; left--) partitions.push(readPartition(reader, version))
      reader.skipTags()
      topics.push({ name, partitions })
    }
    const response: Mutable<ProduceResponse> = { throttleTimeMs: reader.int32(), topics, nodeEndpoints: none }
    reader.tags(response, readResponseTag)
    return response
  }
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

function readPartition(reader: Reader, version: number): ProducePartitionResponse {
  const partition: Mutable<ProducePartitionResponse> = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    baseOffset: reader.int64(),
    logAppendTimeMs: reader.int64(),
    logStartOffset: version >= 5 ? reader.int64() : -1n,
    recordErrors: version >= 8 ? readRecordErrors(reader) : none,
    errorMessage: version >= 8 ? reader.nullableString() : null,
    currentLeader: null
  }
  reader.tags(partition, readPartitionTag)
  return partition
}

function readRecordErrors(reader: Reader): readonly RecordError[] {
  const count = reader.arrayLength()
  if (count <= 0) return none
  const errors: RecordError[] = []
  for (let index = 0; index < count; index++) {
    errors.push({ batchIndex: reader.int32(), message: reader.nullableString() })
    reader.skipTags()
  }
  return errors
}

function readPartitionTag(partition: Mutable<ProducePartitionResponse>, tag: number, field: Reader): void {
  if (tag === 0) partition.currentLeader = readLeaderHint(field)
}

function readResponseTag(response: Mutable<ProduceResponse>, tag: number, field: Reader): void {
  if (tag === 0) response.nodeEndpoints = readNodeEndpoints(field)
}
