/** An application that uses the built package: compiled by `npm run check:package`, never run. */
import { type KafkaConfig, Kafka } from 'kafkajs'
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  formatCheckpoint,
  MirrorClient,
  type MirrorClientConfig,
  MirrorError,
  OffsetsTimeoutError,
  RemoteClusterUtils,
  type RemoteOffset,
  type RemoteOffsetMap,
  RemoteOffsets,
  type ReplicationPolicy,
  type TranslatedOffset
} from 'connect-mirror-maker'

const kafkaConfig: KafkaConfig = {
  clientId: 'shop',
  brokers: ['b:9092'],
  ssl: true,
  sasl: { mechanism: 'plain', username: 'u', password: 'p' }
}
const properties: MirrorClientConfig = { 'bootstrap.servers': 'b:9092', 'replication.policy.separator': '_' }
const both: MirrorClientConfig = { ...kafkaConfig, 'replication.policy.separator': '_' }

export async function failOver(group: string): Promise<void> {
  const offsets: RemoteOffsets = await RemoteClusterUtils.translateOffsets(kafkaConfig, 'A', group, 10_000)
  const kafka = new Kafka(kafkaConfig)
  const consumer = kafka.consumer({ groupId: group })
  for (const { topic, partition, offset } of offsets.toKafkaJS()) consumer.seek({ topic, partition, offset })
  const partitions = offsets.toKafkaJS().filter(({ topic }) => topic === 'A.orders')
  await kafka.admin().setOffsets({ groupId: group, topic: 'A.orders', partitions })
  const first: RemoteOffset | undefined = [...offsets][0]
  const exact: boolean | undefined = offsets.get('A.orders', 0)?.exact
  // @ts-expect-error a collection does not change
  offsets.size = 3
  // @ts-expect-error nor do its members
  if (first !== undefined) first.offset = 0n
  void exact
}

export async function ask(): Promise<void> {
  const client = new MirrorClient(both)
  try {
    const hops: number = await client.replicationHops('A')
    const clusters: ReadonlySet<string> = await client.upstreamClusters()
    const policy: ReplicationPolicy = await client.replicationPolicy()
    const groups: ReadonlyMap<string, RemoteOffsets> = await client.remoteConsumerOffsets(/shop-.*/, 'A', 10_000)
    const map: RemoteOffsetMap = await client.offsetMap('A', 10_000)
    const there: TranslatedOffset | undefined = map.translateOffset('orders', 0, 5n)
    // @ts-expect-error offsets are bigint
    map.translateOffset('orders', 0, 5)
    void [hops, clusters, policy, groups, there, await client.remoteTopics('A'), await client.heartbeatTopics()]
  } catch (error) {
    if (error instanceof OffsetsTimeoutError) void error.partial.get('shop')
    // @ts-expect-error codes are a closed list
    if (error instanceof MirrorError && error.code === 'MIRROR_NO_SUCH_CODE') throw error
    if (error instanceof MirrorError && error.code === 'MIRROR_NO_CHECKPOINTS') throw error
  } finally {
    await client.close()
  }
}

export function formats(checkpoint: Checkpoint): string {
  const { key, value } = encodeCheckpoint(checkpoint)
  return formatCheckpoint(decodeCheckpoint(key, value))
}

void properties
