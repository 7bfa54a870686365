import {
  metadata,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataTopic
} from '../../../src/wire/api/03-metadata.ts'
import { type Writer } from '../../../src/wire/writer.ts'
import { type BrokerApi } from './broker-api.ts'

/** Stands for "not asked for" in the authorized operations. */
const noOperations = -0x80000000

export const brokerMetadata: BrokerApi<MetadataRequest, MetadataResponse> = {
  key: 3,
  minVersion: metadata.minVersion,
  maxVersion: metadata.maxVersion,
  flexibleFrom: metadata.flexibleFrom,
  decodeRequest(reader, version) {
    const topics = reader.nullableArray(() => {
      if (version >= 10) reader.uuid()
      const name = reader.string()
      reader.skipTags()
      return name
    })
    reader.bool()
    if (version >= 8 && version <= 10) reader.bool()
    if (version >= 8) reader.bool()
    reader.skipTags()
    return { topics }
  },
  encodeResponse(writer, response, version) {
    writer.int32(response.throttleTimeMs).array(response.brokers, ({ nodeId, host, port, rack }) => {
      writer.int32(nodeId).string(host).int32(port).nullableString(rack).noTags()
    })
    writer.nullableString(response.clusterId).int32(response.controllerId)
    writer.array(response.topics, (topic) => {
      writeTopic(writer, topic, version)
    })
    if (version >= 8 && version <= 10) writer.int32(noOperations)
    writer.noTags()
  }
}

function writeTopic(writer: Writer, topic: MetadataTopic, version: number): void {
  writer.int16(topic.errorCode).string(topic.name)
  if (version >= 10) writer.uuid(topic.topicId)
  writer.bool(topic.isInternal).array(topic.partitions, (partition) => {
    writer.int16(partition.errorCode).int32(partition.partition).int32(partition.leader)
    if (version >= 7) writer.int32(partition.leaderEpoch)
    // The client passes over these: of different lengths, so that it must not guess.
    for (const replicas of version >= 5 ? [[1, 2, 3], [1], []] : [[1, 2, 3], [1]]) {
      writer.array(replicas, (id) => writer.int32(id))
    }
    writer.noTags()
  })
  if (version >= 8) writer.int32(noOperations)
  writer.noTags()
}
