import { type ApiMessage } from '../api-message.ts'
import { type Reader } from '../reader.ts'
import { type Writer } from '../writer.ts'
import { type NodeEndpoint, type PartitionLeaderHint, readLeaderHint, readNodeEndpoints } from './leader-hint.ts'

/**
 * Fetch: record batches from some partitions, as they lie in the log. From v12 on flexible.
 *
 *   Request  v4  => replica_id INT32 (-1), max_wait_ms INT32, min_bytes INT32, max_bytes INT32, isolation_level INT8,
 *                   [topic STRING, [partition INT32, fetch_offset INT64, partition_max_bytes INT32]]
 *            v5  => partition: log_start_offset INT64 (followers only; -1) before partition_max_bytes
 *            v7  => session_id INT32, session_epoch INT32 after isolation_level;
 *                   forgotten [topic STRING, [INT32]] at the end (KIP-227)
 *            v9  => partition: current_leader_epoch INT32 after partition (KIP-320)
 *            v11 => rack_id STRING at the end (KIP-392)
 *            v12 => partition: last_fetched_epoch INT32 after fetch_offset
 *            v13 => topic_id UUID instead of topic (KIP-516)
 *            v15 => no replica_id; followers send a tag instead
 *   Response v4  => throttle_time_ms INT32, [topic STRING, [partition INT32, error_code INT16, high_watermark INT64,
 *                   last_stable_offset INT64, aborted [producer_id INT64, first_offset INT64] or null, records BYTES]]
 *            v5  => partition: log_start_offset INT64 after last_stable_offset
 *            v7  => error_code INT16, session_id INT32 after throttle_time_ms
 *            v11 => partition: preferred_read_replica INT32 before records
 *            v12 => partition TAG 0: epoch INT32, end_offset INT64; TAG 1: leader_id INT32, leader_epoch INT32
 *            v13 => topic_id UUID instead of topic
 *            v16 => TAG 0: [node_id INT32, host STRING, port INT32, rack NULLABLE_STRING] (KIP-951)
 *
 * v10 is the first whose answers may carry zstd from topics configured so. v8, v14 and v17 change no bytes sent here.
 */
export interface FetchRequest {
  readonly maxWaitMs: number
  readonly minBytes: number
  /** Of the whole response. The first non-empty partition yields one batch at least, even a larger one. */
  readonly maxBytes: number
  /** 0 read_uncommitted, 1 read_committed. */
  readonly isolationLevel: number
  /** 0 with epoch 0 asks for a new session, 0 with epoch -1 for none. Not sent before v7. */
  readonly sessionId: number
  readonly sessionEpoch: number
  /** Within a session only those that are new or changed. */
  readonly topics: readonly FetchTopic[]
  /** Partitions to take out of the session. */
  readonly forgottenTopics: readonly ForgottenTopic[]
  /** '' when unknown. */
  readonly rackId: string
}

export interface FetchTopic {
  /** Sent up to v12. */
  readonly name: string
  /** Sent from v13 on, and required there: see `fetchMaxVersionByName`. */
  readonly topicId: Buffer | null
  readonly partitions: readonly FetchPartition[]
}

export interface FetchPartition {
  readonly partition: number
  readonly fetchOffset: bigint
  readonly maxBytes: number
  /** -1 does without the broker's check. */
  readonly currentLeaderEpoch: number
  /** Leader epoch of the last batch taken; lets the broker report divergence. -1 does without. */
  readonly lastFetchedEpoch: number
}

export interface ForgottenTopic {
  readonly name: string
  readonly topicId: Buffer | null
  readonly partitions: readonly number[]
}

export interface FetchResponse {
  readonly throttleTimeMs: number
  /** Of the session; 0 before v7. */
  readonly errorCode: number
  /** 0 when the broker keeps no session. */
  readonly sessionId: number
  /** Within a session only partitions with news. */
  readonly topics: readonly FetchTopicResponse[]
  readonly nodeEndpoints: readonly NodeEndpoint[]
}

export interface FetchTopicResponse {
  /** '' from v13 on, where `topicId` names the topic. */
  readonly name: string
  readonly topicId: Buffer | null
  readonly partitions: readonly FetchPartitionResponse[]
}

export interface FetchPartitionResponse {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: bigint
  readonly lastStableOffset: bigint
  /** -1n before v5. */
  readonly logStartOffset: bigint
  /** Where the log of this epoch ends, when the consumer's has diverged from it. */
  readonly divergingEpoch: EpochEndOffset | null
  readonly currentLeader: PartitionLeaderHint | null
  /** Empty with read_uncommitted. */
  readonly abortedTransactions: readonly AbortedTransaction[]
  /** Replica to read from instead; -1 for none. */
  readonly preferredReadReplica: number
  /** Whole batches, the last perhaps cut short. A view into the frame. */
  readonly records: Buffer
}

export interface EpochEndOffset {
  readonly epoch: number
  readonly endOffset: bigint
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** Highest version in which a topic without an id can be fetched. */
export const fetchMaxVersionByName = 12

const none: readonly never[] = []

export const fetch: ApiMessage<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 17,
  flexibleFrom: 12,
  encodeRequest(writer, request, version) {
    if (version < 15) writer.int32(-1)
    writer.int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes).int8(request.isolationLevel)
    if (version >= 7) writer.int32(request.sessionId).int32(request.sessionEpoch)
    writer.arrayLength(request.topics.length)
    for (const topic of request.topics) {
      writeTopicKey(writer, topic, version)
      writer.arrayLength(topic.partitions.length)
      for (const partition of topic.partitions) writePartition(writer, partition, version)
      writer.noTags()
    }
    if (version >= 7) writeForgotten(writer, request.forgottenTopics, version)
    if (version >= 11) writer.string(request.rackId)
    writer.noTags()
  },
  decodeResponse(reader, version) {
    const throttleTimeMs = reader.int32()
    const errorCode = version >= 7 ? reader.int16() : 0
    const sessionId = version >= 7 ? reader.int32() : 0
    const topics: FetchTopicResponse[] = []
    for (let count = reader.arrayLength(); count > 0; count--) topics.push(readTopic(reader, version))
    const response: Mutable<FetchResponse> = { throttleTimeMs, errorCode, sessionId, topics, nodeEndpoints: none }
    reader.tags(response, readResponseTag)
    return response
  }
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] }

function writeTopicKey(writer: Writer, topic: FetchTopic | ForgottenTopic, version: number): void {
  if (version <= fetchMaxVersionByName) {
    writer.string(topic.name)
    return
  }
  if (topic.topicId === null) {
    throw new RangeError(`Fetch v${version} names topics by id, and ${topic.name} has none: use v12 at most`)
  }
  writer.uuid(topic.topicId)
}

function writePartition(writer: Writer, partition: FetchPartition, version: number): void {
  writer.int32(partition.partition)
  if (version >= 9) writer.int32(partition.currentLeaderEpoch)
  writer.int64(partition.fetchOffset)
  if (version >= 12) writer.int32(partition.lastFetchedEpoch)
  if (version >= 5) writer.int64(-1n)
  writer.int32(partition.maxBytes).noTags()
}

function writeForgotten(writer: Writer, topics: readonly ForgottenTopic[], version: number): void {
  writer.arrayLength(topics.length)
  for (const topic of topics) {
    writeTopicKey(writer, topic, version)
    writer.arrayLength(topic.partitions.length)
    for (const partition of topic.partitions) writer.int32(partition)
    writer.noTags()
  }
}

function readTopic(reader: Reader, version: number): FetchTopicResponse {
  const byName = version <= fetchMaxVersionByName
  const name = byName ? reader.string() : ''
  const topicId = byName ? null : reader.uuid()
  const partitions: FetchPartitionResponse[] = []
  for (let count = reader.arrayLength(); count > 0; count--) partitions.push(readPartition(reader, version))
  reader.skipTags()
  return { name, topicId, partitions }
}

/** Fields are listed in wire order: object literals are evaluated in it. */
function readPartition(reader: Reader, version: number): FetchPartitionResponse {
  const partition: Mutable<FetchPartitionResponse> = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    logStartOffset: version >= 5 ? reader.int64() : -1n,
    divergingEpoch: null,
    currentLeader: null,
    abortedTransactions: readAborted(reader),
    preferredReadReplica: version >= 11 ? reader.int32() : -1,
    records: reader.bytes()
  }
  reader.tags(partition, readPartitionTag)
  return partition
}

function readAborted(reader: Reader): readonly AbortedTransaction[] {
  const count = reader.arrayLength()
  if (count <= 0) return none
  const aborted: AbortedTransaction[] = []
  for (let index = 0; index < count; index++) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() })
    reader.skipTags()
  }
  return aborted
}

function readPartitionTag(partition: Mutable<FetchPartitionResponse>, tag: number, field: Reader): void {
  if (tag === 0) partition.divergingEpoch = { epoch: field.int32(), endOffset: field.int64() }
  else if (tag === 1) partition.currentLeader = readLeaderHint(field)
}

function readResponseTag(response: Mutable<FetchResponse>, tag: number, field: Reader): void {
  if (tag === 0) response.nodeEndpoints = readNodeEndpoints(field)
}
