import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { readTopic } from '../../../dev/local-kafka/topic-records.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { createTopics } from '../../../src/wire/api/19-create-topics.ts'
import { describeTopicConfigs } from '../../../src/client/topic-configs.ts'
import { type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { type RawProducer } from '../../../src/client/raw-producer.ts'
import { RenewableProducer } from '../../../src/client/renewable-producer.ts'
import { type OffsetStoreOptions, OffsetStore } from '../../../src/connect/storage/offset-store.ts'
import { type SourcePartition } from '../../../src/connect/source-batch.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { produceRecords } from '../../support/test-data.ts'

const startCluster = realClusters()
const clients = realClients()
const register = cleanUpAfterFile()
let kafka: LocalCluster
let cluster: KafkaCluster
let producer: RawProducer

beforeAll(async () => {
  kafka = await startCluster({ settings: { 'auto.create.topics.enable': 'false' } })
  cluster = clients.cluster(kafka.bootstrapServers)
  producer = clients.producer(cluster, kafka.bootstrapServers)
}, clusterTimeoutMs)

const connector = 'MirrorSourceConnector'
const orders = (partition: number): SourcePartition => ({ fields: { cluster: 'A', partition, topic: 'orders' } })

function open(topic: string, changes: Partial<OffsetStoreOptions> = {}): OffsetStore {
  const store = new OffsetStore({
    ...{ cluster, topic, clock: systemClock, logger: silentLogger },
    ...{ partitions: 25, replicationFactor: 1, configs: {}, isolation: 'read_uncommitted' },
    producer: new RenewableProducer(() => producer),
    ...changes
  })
  register(() => {
    store.close()
    return Promise.resolve()
  })
  return store
}

async function createTopic(name: string, policy: string, partitions = 25): Promise<void> {
  const configs = [{ name: 'cleanup.policy', value: policy }]
  const topics = [{ name, numPartitions: partitions, replicationFactor: 1, configs }]
  await cluster.request({ controller: true }, createTopics, { topics, timeoutMs: 30_000, validateOnly: false })
}

const key = (partition: number): string => `["${connector}",{"cluster":"A","partition":${partition},"topic":"orders"}]`

describe('the offset store', () => {
  it('creates its topic compacted, keeps positions and forgets them, for itself and for the next process', async () => {
    const store = open('mm2-offsets.A.internal', { configs: { 'segment.ms': '3600000' } })
    await store.load()
    const entries = Array.from({ length: 50 }, (_, partition) => ({ partition: orders(partition), offset: 100n }))
    await store.put(connector, entries)
    await store.put(connector, [
      { partition: orders(0), offset: 9007199254740993n },
      { partition: orders(1), offset: null }
    ])
    const expected = [9007199254740993n, undefined, 100n, undefined]
    const asked = [orders(0), orders(1), orders(49), orders(50)]
    expect(await store.get(connector, asked)).toEqual(expected)
    expect(await store.get('OtherConnector', asked.slice(0, 1))).toEqual([undefined])
    const next = open('mm2-offsets.A.internal')
    await next.load()
    expect(await next.get(connector, asked)).toEqual(expected)
    const [configs] = await describeTopicConfigs(cluster, ['mm2-offsets.A.internal'])
    expect(
      configs?.entries.filter(({ isDefault }) => !isDefault).map(({ name, value }) => `${name}=${value ?? ''}`)
    ).toEqual(expect.arrayContaining(['cleanup.policy=compact', 'segment.ms=3600000']))
  })

  it('writes the bytes and partitions of Java, and goes on from what Java wrote', async () => {
    await createTopic('both', 'compact')
    const byJava = Array.from({ length: 30 }, (_, index) => ({ key: key(index), value: `{"offset":${index}}` }))
    // Without a partition Java's partitioner decides.
    const placed = await produceRecords(kafka, 'both', byJava, { compression: 'lz4' })
    const store = open('both')
    await store.load()
    const partitions = byJava.map((_, index) => orders(index))
    expect(await store.get(connector, partitions)).toEqual(byJava.map((_, index) => BigInt(index)))
    await store.put(
      connector,
      partitions.map((partition) => ({ partition, offset: 1_000n }))
    )
    const ours = (await readTopic(kafka, 'both')).filter((record) => record.value?.toString() === '{"offset":1000}')
    const places = new Map(ours.map((record) => [record.key?.toString(), record.partition]))
    expect(places).toEqual(new Map(byJava.map((record, index) => [record.key, placed[index]?.partition])))
  })

  it('sees what another process wrote since, in any spelling, unless the canonical one is there', async () => {
    await createTopic('foreign', 'compact', 1)
    const store = open('foreign', { isolation: 'read_committed' })
    await store.load()
    await produceRecords(kafka, 'foreign', [
      { key: `["${connector}", {"topic": "orders", "partition": 1, "cluster": "A"}]`, value: '{"offset": 5}' },
      { key: key(2), value: '{"offset":6}' },
      { key: `["${connector}",{"topic":"orders","partition":2,"cluster":"A"}]`, value: '{"offset":1}' },
      { key: 'no json', value: 'x' },
      { key: key(3), value: '{"offset":-1}' }
    ])
    const transaction = { id: 'aborted', end: 'abort' } as const
    await produceRecords(kafka, 'foreign', [{ key: key(4), value: '{"offset":7}' }], { transaction })
    expect(await store.get(connector, [1, 2, 3, 4].map(orders))).toEqual([5n, 6n, undefined, undefined])
  })

  it('refuses to take a broken value for "nothing stored"', async () => {
    await createTopic('broken', 'compact', 1)
    await produceRecords(kafka, 'broken', [{ key: key(1), value: '{"offset":41.5}' }])
    const store = open('broken')
    await store.load()
    expect(await store.get(connector, [orders(2)])).toEqual([undefined])
    await expect(store.get(connector, [orders(1)])).rejects.toMatchObject({ code: 'MIRROR_INTERNAL_TOPIC' })
  })

  it.each(['delete', 'compact,delete'])('refuses a topic whose policy is %s, with advice', async (policy) => {
    const topic = `policy-${policy.replace(',', '-')}`
    await createTopic(topic, policy)
    await expect(open(topic).load()).rejects.toThrow(
      `has cleanup.policy=${policy}, which would delete stored state. Run kafka-configs --alter`
    )
  })

  it('says what is wrong with settings that no broker will ever take', async () => {
    const store = open('odd', { configs: { 'segment.ms': 'soon' } })
    await expect(store.load()).rejects.toThrow('Internal topic odd of cluster B cannot be created: INVALID_CONFIG')
  })

  it('waits for brokers that are still missing for its replicas, with one warning', async () => {
    const log: string[] = []
    const store = open('safe', { replicationFactor: 2, logger: recordingLogger(log) })
    const loading = store.load()
    await expect.poll(() => log, { timeout: 10_000 }).toEqual([expect.stringContaining('INVALID_REPLICATION_FACTOR')])
    await createTopic('safe', 'compact')
    await loading
    expect(log).toHaveLength(1)
  })
})
