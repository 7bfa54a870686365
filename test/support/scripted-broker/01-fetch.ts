import {
  fetch,
  fetchMaxVersionByName,
  type FetchPartition,
  type FetchPartitionResponse,
  type FetchRequest,
  type FetchResponse
} from '../../../src/wire/api/01-fetch.ts'
import { type Reader } from '../../../src/wire/reader.ts'
import { type Writer } from '../../../src/wire/writer.ts'
import { type BrokerApi, readStructures, writeTags } from './broker-api.ts'
import { leaderHintField, nodeEndpointsField } from './leader-hint.ts'

export const brokerFetch: BrokerApi<FetchRequest, FetchResponse> = {
  key: 1,
  minVersion: fetch.minVersion,
  maxVersion: fetch.maxVersion,
  flexibleFrom: fetch.flexibleFrom,
  decodeRequest(reader, version) {
    if (version < 15) reader.int32()
    const limits = { maxWaitMs: reader.int32(), minBytes: reader.int32(), maxBytes: reader.int32() }
    const isolationLevel = reader.int8()
    const sessionId = version >= 7 ? reader.int32() : 0
    const sessionEpoch = version >= 7 ? reader.int32() : -1
    const topics = readStructures(reader, () => ({
      ...readTopicKey(reader, version),
      partitions: readStructures(reader, () => readPartition(reader, version))
    }))
    const readForgotten = () => ({
      ...readTopicKey(reader, version),
      partitions: reader.array(() => reader.int32())
    })
    const forgottenTopics = version >= 7 ? readStructures(reader, readForgotten) : []
    const rackId = version >= 11 ? reader.string() : ''
    reader.skipTags()
    return { ...limits, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopics, rackId }
  },
  encodeResponse(writer, response, version) {
    writer.int32(response.throttleTimeMs)
    if (version >= 7) writer.int16(response.errorCode).int32(response.sessionId)
    writer.array(response.topics, ({ name, topicId, partitions }) => {
      if (version <= fetchMaxVersionByName) writer.string(name)
      else writer.uuid(topicId)
      writer.array(partitions, (partition) => {
        writePartition(writer, partition, version)
      })
      writer.noTags()
    })
    writeTags(writer, version >= 16 ? [nodeEndpointsField(response.nodeEndpoints)] : [])
  }
}

function readTopicKey(reader: Reader, version: number): { name: string; topicId: Buffer | null } {
  const byName = version <= fetchMaxVersionByName
  return { name: byName ? reader.string() : '', topicId: byName ? null : reader.uuid() }
}

function readPartition(reader: Reader, version: number): FetchPartition {
  const partition = {
    partition: reader.int32(),
    currentLeaderEpoch: version >= 9 ? reader.int32() : -1,
    fetchOffset: reader.int64(),
    lastFetchedEpoch: version >= 12 ? reader.int32() : -1
  }
  if (version >= 5) reader.int64()
  return { ...partition, maxBytes: reader.int32() }
}

function writePartition(writer: Writer, partition: FetchPartitionResponse, version: number): void {
  writer.int32(partition.partition).int16(partition.errorCode)
  writer.int64(partition.highWatermark).int64(partition.lastStableOffset)
  if (version >= 5) writer.int64(partition.logStartOffset)
  writer.array(partition.abortedTransactions, ({ producerId, firstOffset }) => {
    writer.int64(producerId).int64(firstOffset).noTags()
  })
  if (version >= 11) writer.int32(partition.preferredReadReplica)
  writer.bytes(partition.records)
  const { divergingEpoch } = partition
  writeTags(writer, [
    divergingEpoch === null
      ? null
      : (field) => field.int32(divergingEpoch.epoch).int64(divergingEpoch.endOffset).noTags(),
    leaderHintField(partition.currentLeader)
  ])
}
