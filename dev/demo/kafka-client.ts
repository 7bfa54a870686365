/** kafkajs as an independent client of the demo's clusters, with the lz4 codec that it lacks. */
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { calmRequestQueue } from '../../src/admin/kafkajs-remedies.ts'

import { type CleanUp } from './clean-up.ts'

// Node does not find all names of this CommonJS module by itself.
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, logLevel } = kafkajs

CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => await compressFrame(buffer),
  decompress: async (bytes: Buffer) => await decompressFrame(bytes)
})

export function kafkaClient(bootstrapServers: string): Kafka {
  calmRequestQueue()
  return new kafkajs.Kafka({
    brokers: bootstrapServers.split(','),
    clientId: 'mirror-demo',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5_000,
    retry: { retries: 3, initialRetryTime: 100 }
  })
}

/** Connected; disconnects at clean-up. */
export async function connectAdmin(kafka: Kafka, cleanUp: CleanUp): Promise<Admin> {
  const admin = kafka.admin()
  await admin.connect()
  cleanUp.add(undefined, async () => {
    await admin.disconnect()
  })
  return admin
}

/** The sum of a topic's end offsets: with nothing deleted or compacted yet, its records. 0 while there is no topic. */
export async function recordCount(admin: Admin, topic: string): Promise<number> {
  const partitions = await admin.fetchTopicOffsets(topic).catch(() => [])
  return partitions.reduce((sum, { high }) => sum + Number(high), 0)
}

/** Of topics that exist. */
export async function partitionCount(admin: Admin, topic: string): Promise<number> {
  return (await admin.fetchTopicOffsets(topic)).length
}

export async function topicSetting(admin: Admin, topic: string, setting: string): Promise<string | undefined> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [setting] }]
  })
  return resources[0]?.configEntries[0]?.configValue
}
