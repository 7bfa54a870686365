import {
  listOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponse
} from '../../../src/wire/api/02-list-offsets.ts'
import { type BrokerApi, readStructures } from './broker-api.ts'

export const brokerListOffsets: BrokerApi<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  minVersion: listOffsets.minVersion,
  maxVersion: listOffsets.maxVersion,
  flexibleFrom: listOffsets.flexibleFrom,
  decodeRequest(reader, version) {
    reader.int32()
    const isolationLevel = reader.int8()
    const topics = readStructures(reader, () => ({
      name: reader.string(),
      partitions: readStructures(reader, () => ({
        partition: reader.int32(),
        currentLeaderEpoch: version >= 4 ? reader.int32() : -1,
        timestamp: reader.int64()
      }))
    }))
    reader.skipTags()
    return { isolationLevel, topics }
  },
  encodeResponse(writer, response, version) {
    writer.int32(response.throttleTimeMs).array(response.topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (listed) => {
        writer.int32(listed.partition).int16(listed.errorCode).int64(listed.timestamp).int64(listed.offset)
        if (version >= 4) writer.int32(listed.leaderEpoch)
        writer.noTags()
      })
      writer.noTags()
    })
    writer.noTags()
  }
}
