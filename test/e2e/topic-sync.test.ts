import { beforeAll, expect, test } from 'vitest'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
let pair: MirroredPair

/** Whoever logs in has no rights but those that ACLs give; the tests do not log in. */
const secured = {
  settings: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS'
  },
  listeners: [{ protocol: 'SASL_PLAINTEXT', mechanisms: ['PLAIN'] }],
  users: [{ name: 'mirror', password: 'secret' }]
} as const

function login(alias: string): Record<string, string> {
  return {
    [`${alias}.security.protocol`]: 'SASL_PLAINTEXT',
    [`${alias}.sasl.mechanism`]: 'PLAIN',
    [`${alias}.sasl.jaas.config`]:
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="mirror" password="secret";'
  }
}

beforeAll(async () => {
  pair = await startPair(secured, secured)
}, clusterTimeoutMs)

test('settings and ACLs follow those of the source, as far as the mirror’s own rights go', async () => {
  const { source, target, sourceAdmin, targetAdmin } = pair
  await sourceAdmin.addAcls([
    'allow topic * mirror READ',
    'allow topic * mirror DESCRIBE_CONFIGS',
    'deny topic locked mirror DESCRIBE_CONFIGS',
    'allow cluster kafka-cluster mirror DESCRIBE',
    'allow topic orders alice READ',
    'allow topic orders bob ALL',
    'allow topic orders carol WRITE'
  ])
  await targetAdmin.addAcls([
    'allow topic * mirror ALL',
    'allow group * mirror ALL',
    'allow cluster kafka-cluster mirror ALL',
    'deny topic A.fixed mirror ALTER_CONFIGS'
  ])
  for (const topic of ['orders', 'fixed', 'locked'])
    await sourceAdmin.createTopic(topic, 1, { 'retention.bytes': '1000' })
  await produceRecords(source, 'orders', plainRecords(5))
  const mirror = await startMirror(
    { bootstrapServers: source.bootstrapFor('SASL_PLAINTEXT') },
    { bootstrapServers: target.bootstrapFor('SASL_PLAINTEXT') },
    {
      ...login('A'),
      ...login('B'),
      'sync.topic.configs.interval.seconds': '1',
      'sync.topic.acls.interval.seconds': '1',
      'offset-syncs.topic.location': 'target',
      'A->B.emit.checkpoints.enabled': 'false'
    }
  )
  await pair.arrived('A.orders', 5)
  const own = async (topic: string): Promise<string> => JSON.stringify(await targetAdmin.ownConfigs(topic))
  expect(await own('A.orders')).toBe('{"retention.bytes":"1000"}')

  const acls = ['allow topic A.orders alice READ', 'allow topic A.orders bob READ']
  const haveAcls = async (): Promise<void> => {
    await waitUntil(`the target has ${acls.join(', ')}`, async () => {
      expect(await targetAdmin.topicAcls('A.orders')).toEqual(acls.toSorted())
      return true
    })
  }
  await haveAcls()
  await sourceAdmin.addAcls(['deny topic orders dave ALL'])
  acls.push('deny topic A.orders dave ALL')
  await haveAcls()

  await sourceAdmin.setOwnConfigs('fixed', { 'retention.bytes': '2000' })
  await sourceAdmin.setOwnConfigs('orders', { 'cleanup.policy': 'compact' })
  await waitUntil('the settings have followed', async () => (await own('A.orders')) === '{"cleanup.policy":"compact"}')
  const warned = await waitUntil('it has complained of what it may not do', async () => {
    const lines = await complaints(mirror)
    return lines.length >= 3 ? lines.map(({ msg }) => msg).sort() : undefined
  })
  await produceRecords(source, 'orders', plainRecords(5))
  await pair.arrived('A.orders', 10)
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  expect(warned).toEqual([
    expect.stringMatching(/^ACLs of A on any topic .*are not copied/),
    expect.stringMatching(/^The settings of topic A\.fixed on B .*needs ALTER_CONFIGS on topic A\.fixed of B/),
    expect.stringMatching(/^Topic A\.locked cannot be created on B.*needs DESCRIBE_CONFIGS on topic locked of A/)
  ])
  expect(await complaints(mirror)).toHaveLength(3)
  expect(await own('A.fixed')).toBe('{"retention.bytes":"1000"}')
})
