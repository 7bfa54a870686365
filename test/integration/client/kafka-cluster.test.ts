import kafkajs, { type Admin, type AdminConfig, Kafka, logLevel } from 'kafkajs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { freePorts } from '../../../dev/local-kafka/free-ports.ts'
import { type ForwardingAdmin } from '../../../src/admin/forwarding-admin.ts'
import { createKafkajsAdmin } from '../../../src/admin/kafkajs-admin.ts'
import { asError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { describeTopicAcls } from '../../../src/client/acls.ts'
import { commitGroupOffsets, describeGroup, fetchGroupOffsets } from '../../../src/client/consumer-groups.ts'
import { type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { listOffsets } from '../../../src/client/list-offsets.ts'
import { alterTopicConfigs, describeTopicConfigs } from '../../../src/client/topic-configs.ts'
import { type SecuritySettings, type StoreSettings } from '../../../src/config/client-settings.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { clientSettings, realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../../support/test-data.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()
const clients = realClients()
const register = cleanUpAfterFile()
let kafka: LocalCluster
let cluster: KafkaCluster
let admin: ForwardingAdmin

beforeAll(async () => {
  kafka = await startCluster({
    settings: { 'auto.create.topics.enable': 'false' },
    listeners: [{ protocol: 'SASL_SSL', mechanisms: ['SCRAM-SHA-512'] }],
    users: [{ name: 'alice', password: 'secret' }]
  })
  cluster = clients.cluster(kafka.bootstrapServers)
  admin = createAdmin(kafka.bootstrapServers)
  await admin.createTopic({ topic: 'orders', partitions: 3, replicationFactor: 1, configs: {} })
  await partitionsOf('orders', 3)
}, clusterTimeoutMs)

/** A broker shows what the controller has created a moment later. */
async function partitionsOf(topic: string, count: number): Promise<void> {
  await waitUntil(`${topic} has ${count} partitions with leaders`, async () => {
    const [described] = await cluster.describeTopics([topic])
    return described?.partitions.filter(({ leader }) => leader >= 0).length === count
  })
}

/** How many topics kafkajs is asked for in each request to create some. */
function countedCreations(): number[] {
  const counts: number[] = []
  class CountingKafka extends Kafka {
    override admin(config?: AdminConfig): Admin {
      const made = super.admin(config)
      const createTopics: Admin['createTopics'] = async (options) => {
        counts.push(options.topics.length)
        return await made.createTopics(options)
      }
      return { ...made, createTopics }
    }
  }
  Reflect.set(kafkajs, 'Kafka', CountingKafka)
  onTestFinished(() => {
    Reflect.set(kafkajs, 'Kafka', Kafka)
  })
  return counts
}

function createAdmin(bootstrapServers: string, changes = {}): ForwardingAdmin {
  const settings = clientSettings(bootstrapServers, changes)
  const created = createKafkajsAdmin({ alias: 'B', settings, logger: silentLogger })
  register(async () => {
    await created.close()
  })
  return created
}

function scram(password: string, trustStore: StoreSettings | null): SecuritySettings {
  const tls = { trustStore, keyStore: null, keyPassword: null, verifyHostname: true }
  return {
    protocol: 'SASL_SSL',
    tls: { ...tls, enabledProtocols: ['TLSv1.2', 'TLSv1.3'], cipherSuites: [] },
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'alice', password }
  }
}

describe('a client of a real cluster', () => {
  it('describes topics, a missing one beside a good one, and all', async () => {
    const [orders, missing] = await cluster.describeTopics(['orders', 'missing'])
    expect(orders).toMatchObject({ name: 'orders', errorCode: 0, isInternal: false })
    expect(orders?.partitions.map(({ leader }) => leader)).toEqual([1, 1, 1])
    expect(orders?.topicId).toHaveLength(16)
    expect(missing).toMatchObject({ name: 'missing', errorCode: 3, partitions: [] })
    expect((await cluster.describeTopics('all')).map(({ name }) => name)).toContain('orders')
    expect(cluster.clusterId).toHaveLength(22)
  })

  it('lists the ends of logs and offsets by time, with errors by partition', async () => {
    const produced = await produceRecords(kafka, 'orders', plainRecords(20, 10, 1))
    expect(produced).toHaveLength(20)
    const at = (topic: string, partition: number, spec: 'earliest' | 'latest' | bigint) => ({
      topic,
      partition,
      at: spec
    })
    const timestamp = 1_700_000_000_005n
    const listed = await listOffsets(cluster, [at('orders', 1, 'latest'), at('orders', 0, 'earliest')])
    expect(listed.map(({ offset, errorCode }) => [offset, errorCode])).toEqual([
      [20n, 0],
      [0n, 0]
    ])
    expect(await listOffsets(cluster, [at('orders', 1, timestamp)])).toMatchObject([{ offset: 5n, timestamp }])
    const mixed = await listOffsets(cluster, [at('missing', 0, 'latest'), at('orders', 1, 'latest')])
    expect(mixed.map(({ offset, errorCode }) => [offset, errorCode])).toEqual([
      [-1n, 3],
      [20n, 0]
    ])
  })

  it('tells brokers without an authorizer from others', async () => {
    await expect(describeTopicAcls(cluster)).rejects.toMatchObject({ brokerCode: brokerErrors.SECURITY_DISABLED })
  })

  it('reads and changes single configs of topics, with errors by topic', async () => {
    const changed = await alterTopicConfigs(cluster, [
      { topic: 'orders', name: 'retention.ms', value: '1234567' },
      { topic: 'orders', name: 'cleanup.policy', value: 'compact' },
      { topic: 'missing', name: 'retention.ms', value: '1' }
    ])
    expect(changed.map(({ errorCode }) => errorCode)).toEqual([0, 3])
    await alterTopicConfigs(cluster, [{ topic: 'orders', name: 'cleanup.policy', value: null }])
    const described = await waitUntil('the configs are there', async () => {
      const [orders, missing] = await describeTopicConfigs(cluster, ['orders', 'missing'])
      const overrides = orders?.entries.filter((entry) => !entry.isDefault).map(({ name, value }) => [name, value])
      return overrides?.length === 1 ? { overrides, missing } : undefined
    })
    expect(described.overrides).toEqual([['retention.ms', '1234567']])
    expect(described.missing).toMatchObject({ errorCode: 3, entries: [] })
    const [only] = await describeTopicConfigs(cluster, ['orders'], ['cleanup.policy'])
    expect(only?.entries).toMatchObject([{ name: 'cleanup.policy', value: 'delete', isDefault: true, source: 5 }])
  })

  it('sees whether a group has members, and commits for one that has none', async () => {
    expect(await describeGroup(cluster, 'readers')).toMatchObject({ state: 'Dead', memberCount: 0 })
    const commit = { topic: 'orders', partition: 1, offset: 7n, metadata: 'm' }
    expect(await commitGroupOffsets(cluster, 'readers', [commit])).toEqual([0])
    const [fetched] = await fetchGroupOffsets(cluster, 'readers', 'all')
    expect(fetched).toMatchObject({ topic: 'orders', partition: 1, offset: 7n, metadata: 'm', errorCode: 0 })
    expect(await fetchGroupOffsets(cluster, 'readers', [{ topic: 'orders', partition: 2 }])).toMatchObject([
      { offset: -1n }
    ])

    const client = new Kafka({ clientId: 'reader-1', brokers: [kafka.bootstrapServers], logLevel: logLevel.NOTHING })
    const consumer = client.consumer({ groupId: 'readers' })
    register(async () => {
      await consumer.disconnect()
    })
    await consumer.connect()
    await consumer.subscribe({ topic: 'orders' })
    await consumer.run({ eachMessage: () => Promise.resolve() })
    const live = await waitUntil('the group is stable', async () => {
      const group = await describeGroup(cluster, 'readers')
      return group.state === 'Stable' ? group : undefined
    })
    expect(live).toMatchObject({ protocolType: 'consumer', memberCount: 1 })
    expect(live.memberHosts).toEqual([expect.stringMatching(/^reader-1 \(.*127\.0\.0\.1\)$/)])
    expect(await commitGroupOffsets(cluster, 'readers', [commit])).toEqual([25])
    await consumer.disconnect()
    expect((await describeGroup(cluster, 'readers')).state).toBe('Empty')
  })
})

describe('an unreachable cluster', () => {
  it('is warned of once, and used as soon as it is there', async () => {
    const log: string[] = []
    const own = await startCluster()
    const { bootstrapServers } = own
    await own.stop()
    const [closedPort = 0] = await freePorts(1)
    const late = clients.cluster(`127.0.0.1:${closedPort},${bootstrapServers}`, recordingLogger(log))
    await waitUntil('the cluster is missed', () => log.length > 0)
    await own.startAll()
    await late.ready()
    expect(late.brokers).toHaveLength(1)
    expect(log).toEqual([
      expect.stringContaining('No broker of cluster B can be reached'),
      'info: Cluster B is reachable again'
    ])
    await own.broker(1).kill()
    await waitUntil('the cluster is missed again', () => {
      late.refreshSoon()
      return log.length > 2
    })
    await own.startAll()
    expect(await late.describeTopics([])).toEqual([])
    expect(log).toHaveLength(4)
  }, 60_000)
})

describe('the admin on kafkajs', () => {
  it('creates a topic with its configs once', async () => {
    const topic = { topic: 'A.orders', partitions: 4, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } }
    expect(await admin.createTopic(topic)).toBe(true)
    expect(await admin.createTopic(topic)).toBe(false)
    await partitionsOf('A.orders', 4)
    const [configs] = await describeTopicConfigs(cluster, ['A.orders'], ['cleanup.policy'])
    expect(configs?.entries).toMatchObject([{ value: 'compact', isDefault: false }])
  })

  it('creates many in few requests, and tells which was there', async () => {
    const requests = countedCreations()
    const topics = Array.from({ length: 120 }, (_, index) => ({
      topic: `many-${index}`,
      partitions: 5,
      replicationFactor: 1,
      configs: { 'retention.ms': '60000' }
    }))
    const odd = { topic: 'many-odd', partitions: 1, replicationFactor: 3, configs: {} }
    await admin.createTopic({ topic: 'many-7', partitions: 5, replicationFactor: 1, configs: {} })
    requests.length = 0
    const results = await Promise.allSettled([odd, ...topics].map(async (topic) => await admin.createTopic(topic)))
    expect(results.flatMap((one, index) => (one.status === 'fulfilled' && one.value ? [] : [index - 1]))).toEqual([
      -1, 7
    ])
    // 500 partitions a request.
    expect(requests).toEqual([100, 21])
    await partitionsOf('many-119', 5)
  })

  it('raises partition counts and never lowers them', async () => {
    await admin.createTopic({ topic: 'grows', partitions: 1, replicationFactor: -1, configs: {} })
    expect(await admin.createPartitions('grows', 3)).toBe(true)
    expect(await admin.createPartitions('grows', 3)).toBe(false)
    expect(await admin.createPartitions('grows', 2)).toBe(false)
    await partitionsOf('grows', 3)
  })

  it('names topic and reason of what the broker refuses, and does the rest', async () => {
    const topic = { partitions: 1, replicationFactor: 1, configs: {} }
    const results = await Promise.allSettled([
      admin.createTopic({ ...topic, topic: 'fine' }),
      admin.createTopic({ ...topic, topic: 'too-safe', replicationFactor: 3 }),
      admin.createTopic({ ...topic, topic: 'odd', configs: { 'cleanup.policy': 'never' } }),
      admin.createPartitions('missing', 2)
    ])
    const outcomes = results.map((one) => (one.status === 'fulfilled' ? one.value : asError(one.reason).message))
    expect(outcomes).toEqual([
      true,
      expect.stringContaining('B: create topic too-safe: INVALID_REPLICATION_FACTOR'),
      expect.stringContaining('B: create topic odd: INVALID_CONFIG'),
      expect.stringContaining('B: raise missing to 2 partitions: UNKNOWN_TOPIC_OR_PARTITION')
    ])
  })

  it('keeps to the security that is asked for', async () => {
    const topic = { partitions: 1, replicationFactor: 1, configs: {} }
    const servers = kafka.bootstrapFor('SASL_SSL')
    const location = kafka.certificates?.ca.pem ?? ''
    const trusted = createAdmin(servers, { security: scram('secret', { type: 'PEM', location }) })
    expect(await trusted.createTopic({ ...topic, topic: 'by-scram' })).toBe(true)
    const wrong = createAdmin(servers, { security: scram('guess', { type: 'PEM', location }) })
    await expect(wrong.createTopic({ ...topic, topic: 'x' })).rejects.toMatchObject({ code: 'MIRROR_AUTHENTICATION' })
    const untrusting = createAdmin(servers, { security: scram('secret', null) })
    await expect(untrusting.createTopic({ ...topic, topic: 'y' })).rejects.toThrow('certificate')
    const onPlaintext = createAdmin(kafka.bootstrapServers, { security: scram('secret', { type: 'PEM', location }) })
    await expect(onPlaintext.createTopic({ ...topic, topic: 'z' })).rejects.toMatchObject({ code: 'MIRROR_NETWORK' })
  })

  it('says that a cluster cannot be reached, to be tried again', async () => {
    const [port = 0] = await freePorts(1)
    const call = createAdmin(`127.0.0.1:${port}`).createPartitions('orders', 5)
    await expect(call).rejects.toMatchObject({ code: 'MIRROR_NETWORK', retriable: true })
  })
})
