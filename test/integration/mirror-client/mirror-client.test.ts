import { type Message } from 'kafkajs'
import { beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../../dev/local-kafka/free-ports.ts'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { type MirrorError } from '../../../src/base/errors.ts'
import { type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { MirrorClient, OffsetsTimeoutError, RemoteClusterUtils } from '../../../src/index.ts'
import { encodeHeartbeat } from '../../../src/mirror-client/heartbeat.ts'
import { type ClusterAdmin, clusterAdmins } from '../../support/cluster-admin.ts'
import { type Produce, plainProducers } from '../../support/plain-producer.ts'
import { realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { checkpointRecords, mapRecords, topicIdOf } from '../../support/written-mirror.ts'

const startCluster = realClusters()
const connectAdmin = clusterAdmins()
const connectProducer = plainProducers()
const clients = realClients()
const register = cleanUpAfterFile()
const timeoutMs = 20_000
let kafka: LocalCluster
let admin: ClusterAdmin
let cluster: KafkaCluster
let produce: Produce
let client: MirrorClient

const compacted = { 'cleanup.policy': 'compact' }
const numbered = (count: number): Message[] => Array.from({ length: count }, (_, index) => ({ value: String(index) }))

beforeAll(async () => {
  kafka = await startCluster({
    settings: {
      'auto.create.topics.enable': 'false',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS'
    },
    listeners: [{ protocol: 'SASL_PLAINTEXT', mechanisms: ['PLAIN'] }],
    users: [{ name: 'alice', password: 'secret' }]
  })
  admin = await connectAdmin(kafka)
  produce = await connectProducer(kafka)
  cluster = clients.cluster(kafka.bootstrapServers)
  client = new MirrorClient({ 'bootstrap.servers': kafka.bootstrapServers })
  register(() => client.close())
  const internal = ['A.checkpoints.internal', 'C.checkpoints.internal', 'mm2-offset-map.A.internal', 'heartbeats']
  await Promise.all([
    ...internal.map((topic) => admin.createTopic(topic, 1, compacted)),
    ...['A.orders', 'A.gone', 'A.B.heartbeats', 'A.heartbeats', 'plain'].map((topic) => admin.createTopic(topic))
  ])
  await produce('A.orders', numbered(600))
  await produce('A.gone', numbered(50))
  const targetTopicId = await topicIdOf(cluster, 'A.orders')
  // Records 0 to 299 lie at 0 to 299; 300 to 309 are markers; the rest follows.
  const orders = mapRecords({ topic: 'orders', partition: 0, targetTopicId }, (writer) => {
    writer.mirrored(0n, 0n, 300)
    writer.skipped(300n, 310n, 'marker')
    writer.mirrored(310n, 300n, 200)
    writer.covered(510n)
  })
  // Of a topic that was deleted since, with another id.
  const gone = mapRecords({ topic: 'gone', partition: 0, targetTopicId: Buffer.alloc(16, 7) }, (writer) => {
    writer.mirrored(0n, 0n, 50)
    writer.covered(50n)
  })
  await produce('mm2-offset-map.A.internal', [...orders, ...gone])
  await produce(
    'A.checkpoints.internal',
    checkpointRecords(
      { topic: 'A.orders', upstreamOffset: 100n, downstreamOffset: 50n },
      { topic: 'A.orders', upstreamOffset: 400n, downstreamOffset: 301n, metadata: 'm' },
      { topic: 'A.gone', upstreamOffset: 40n, downstreamOffset: 10n },
      { topic: 'A.orders', consumerGroupId: 'billing-2', upstreamOffset: 510n, downstreamOffset: 500n },
      { topic: 'A.orders', consumerGroupId: 'other', upstreamOffset: 700n, downstreamOffset: 301n }
    )
  )
  await produce('heartbeats', [encodeHeartbeat({ sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp: 1n })])
}, clusterTimeoutMs)

async function errorOf(call: Promise<unknown>): Promise<MirrorError> {
  return await call.then(
    () => Promise.reject(new Error('did not fail')),
    (error: unknown) => error as MirrorError
  )
}

describe('a group goes on', () => {
  it('exactly at the next record where the offset map covers its newest checkpoint, else at that', async () => {
    const offsets = await client.remoteConsumerOffsets('billing', 'A', timeoutMs)
    expect([...offsets]).toEqual([
      { topic: 'A.gone', partition: 0, offset: 10n, metadata: '', exact: false, upstreamOffset: 40n },
      { topic: 'A.orders', partition: 0, offset: 390n, metadata: 'm', exact: true, upstreamOffset: 400n }
    ])
    expect(offsets.get('A.orders', 0)?.offset).toBe(390n)
    expect(offsets.get('A.orders', 1)).toBeUndefined()
    expect(offsets.toKafkaJS()).toContainEqual({ topic: 'A.orders', partition: 0, offset: '390' })
  })

  it('with all groups whose whole id matches, in one call', async () => {
    const groups = await client.remoteConsumerOffsets(/billing.*/, 'A', timeoutMs)
    expect([...groups.keys()].sort()).toEqual(['billing', 'billing-2'])
    expect(groups.get('billing-2')?.get('A.orders', 0)).toMatchObject({ offset: 500n, exact: true })
    expect((await client.remoteConsumerOffsets(/billin/, 'A', timeoutMs)).size).toBe(0)
  })

  it('nowhere where it has no checkpoint: that is an answer, and a time that is too short is none', async () => {
    expect((await client.remoteConsumerOffsets('unknown', 'A', timeoutMs)).size).toBe(0)
    const late = await errorOf(client.remoteConsumerOffsets('billing', 'A', 0))
    expect(late).toBeInstanceOf(OffsetsTimeoutError)
    expect(late).toMatchObject({ code: 'MIRROR_TIMEOUT', retriable: true, partial: new Map() })
  })

  it('and a wrong alias is told, with those that there are', async () => {
    for (const alias of ['a', 'no/topic', '']) {
      const error = await errorOf(client.remoteConsumerOffsets('billing', alias, timeoutMs))
      expect(error.code).toBe('MIRROR_NO_CHECKPOINTS')
      expect(error.message).toContain('There are checkpoints of A, C')
    }
  })
})

it('any position is translated by the offset map, and back; what it does not cover is unknown', async () => {
  const map = await client.offsetMap('A', timeoutMs)
  const target = { topic: 'A.orders', partition: 0, exact: true }
  expect(map.translateOffset('orders', 0, 250n)).toEqual({ ...target, offset: 250n })
  expect(map.translateOffset('orders', 0, 304n)).toEqual({ ...target, offset: 300n })
  expect(map.translateOffset('orders', 0, 510n)).toEqual({ ...target, offset: 500n })
  expect(map.translateOffset('orders', 0, 600n)?.exact).toBe(false)
  expect(map.translateOffset('orders', 1, 0n)).toBeUndefined()
  expect(map.translateOffset('gone', 0, 10n)).toBeUndefined()
  expect(map.translateOffsetBack('A.orders', 0, 390n)).toMatchObject({ topic: 'orders', offset: 400n })
  expect(map.translateOffsetBack('plain', 0, 0n)).toBeUndefined()
  const missing = await errorOf(client.offsetMap('C', timeoutMs))
  expect(missing).toMatchObject({ code: 'MIRROR_NO_OFFSET_MAP' })
})

it('topics tell which clusters lie upstream, and how far', async () => {
  expect(await client.heartbeatTopics()).toEqual(new Set(['heartbeats', 'A.heartbeats', 'A.B.heartbeats']))
  expect(await client.checkpointTopics()).toEqual(new Set(['A.checkpoints.internal', 'C.checkpoints.internal']))
  expect(await client.upstreamClusters()).toEqual(new Set(['A', 'B']))
  const hops = await Promise.all(['A', 'B', 'C'].map((alias) => client.replicationHops(alias)))
  expect(hops).toEqual([1, 2, -1])
  expect(await client.remoteTopics('A')).toEqual(new Set(['A.orders', 'A.gone', 'A.heartbeats', 'A.B.heartbeats']))
  expect(await client.isHeartbeatTopic('A.heartbeats')).toBe(true)
  expect(await client.isCheckpointTopic('orders')).toBe(false)
})

it('what a user may not read is told with what to grant; the kafkajs config of the application will do', async () => {
  const config = {
    brokers: () => kafka.bootstrapFor('SASL_PLAINTEXT').split(','),
    sasl: { mechanism: 'plain' as const, username: 'alice', password: 'secret' }
  }
  const refused = await errorOf(RemoteClusterUtils.translateOffsets(config, 'A', 'billing', timeoutMs))
  expect(refused.code).toBe('MIRROR_AUTHORIZATION')
  expect(refused.message).toMatch(/A\.checkpoints\.internal.*grant Describe and Read/)
  await admin.addAcls(['allow topic A.checkpoints.internal alice READ'])
  // Not the offset map: positions are those of the checkpoints then.
  await expect
    .poll(() => RemoteClusterUtils.translateOffsets(config, 'A', 'billing', timeoutMs).catch(() => null), {
      timeout: 10_000
    })
    .not.toBeNull()
  const offsets = await RemoteClusterUtils.translateOffsets(config, 'A', 'billing', timeoutMs)
  expect(offsets.get('A.orders', 0)).toMatchObject({ offset: 301n, exact: false })
  const wrong = { ...config, sasl: { ...config.sasl, password: 'wrong' } }
  expect((await errorOf(RemoteClusterUtils.heartbeatTopics(wrong))).code).toBe('MIRROR_AUTHENTICATION')
})

it('a cluster that is away is told in the time that was given', async () => {
  const [port] = await freePorts(1)
  const config = { 'bootstrap.servers': `127.0.0.1:${port}` }
  const error = await errorOf(RemoteClusterUtils.translateOffsets(config, 'A', 'billing', 500))
  expect(error.code).toBe('MIRROR_TIMEOUT')
  expect(error.message).toContain('no broker could be reached')
})
