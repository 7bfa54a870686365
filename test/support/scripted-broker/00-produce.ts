import { produce, type ProduceRequest, type ProduceResponse } from '../../../src/wire/api/00-produce.ts'
import { type BrokerApi, readStructures, writeTags } from './broker-api.ts'
import { leaderHintField, nodeEndpointsField } from './leader-hint.ts'

export const brokerProduce: BrokerApi<ProduceRequest, ProduceResponse> = {
  key: 0,
  minVersion: produce.minVersion,
  maxVersion: produce.maxVersion,
  flexibleFrom: produce.flexibleFrom,
  decodeRequest(reader) {
    const head = { transactionalId: reader.nullableString(), acks: reader.int16(), timeoutMs: reader.int32() }
    const topics = readStructures(reader, () => ({
      name: reader.string(),
      partitions: readStructures(reader, () => ({ partition: reader.int32(), records: reader.bytes() }))
    }))
    reader.skipTags()
    return { ...head, topics }
  },
  encodeResponse(writer, response, version) {
    writer.array(response.topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (partition) => {
        writer.int32(partition.partition).int16(partition.errorCode).int64(partition.baseOffset)
        writer.int64(partition.logAppendTimeMs)
        if (version >= 5) writer.int64(partition.logStartOffset)
        if (version >= 8) {
          writer.array(partition.recordErrors, ({ batchIndex, message }) => {
            writer.int32(batchIndex).nullableString(message).noTags()
          })
          writer.nullableString(partition.errorMessage)
        }
        writeTags(writer, version >= 10 ? [leaderHintField(partition.currentLeader)] : [])
      })
      writer.noTags()
    })
    writer.int32(response.throttleTimeMs)
    writeTags(writer, version >= 10 ? [nodeEndpointsField(response.nodeEndpoints)] : [])
  }
}
