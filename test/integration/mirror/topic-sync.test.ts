import { beforeAll, describe, expect, it } from 'vitest'
import { type TargetAdmin } from '../../../src/admin/forwarding-admin.ts'
import { createKafkajsAdmin } from '../../../src/admin/kafkajs-admin.ts'
import { createTargetAdmin } from '../../../src/admin/target-admin.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { createTopicAcls, describeTopicAcls, type TopicAcl } from '../../../src/client/acls.ts'
import { type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { describeTopicConfigs } from '../../../src/client/topic-configs.ts'
import { DefaultConfigPropertyFilter } from '../../../src/mirror/filters/default-config-property-filter.ts'
import { AclSync } from '../../../src/mirror/source/acl-sync.ts'
import { TopicConfigSync } from '../../../src/mirror/source/topic-config-sync.ts'
import { DefaultReplicationPolicy } from '../../../src/mirror-client/default-replication-policy.ts'
import { aclOperation, aclPermission } from '../../../src/wire/api/29-describe-acls.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { clientSettings, realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** One cluster is both sides: with the default policy the remote topics have names of their own. */
const startCluster = realClusters()
const clients = realClients()
const register = cleanUpAfterFile()
const policy = new DefaultReplicationPolicy()
const { signal } = new AbortController()
let cluster: KafkaCluster
let admin: TargetAdmin

beforeAll(async () => {
  const kafka = await startCluster({
    settings: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS'
    }
  })
  cluster = clients.cluster(kafka.bootstrapServers)
  const settings = clientSettings(kafka.bootstrapServers)
  admin = createTargetAdmin(createKafkajsAdmin({ alias: 'B', settings, logger: silentLogger }), cluster)
  register(() => admin.close())
}, clusterTimeoutMs)

/** What the topics have set of their own, once every one of them is there. */
async function ownConfigs(topics: readonly string[]): Promise<Record<string, Record<string, string | null>>> {
  const described = await describeTopicConfigs(cluster, topics)
  expect(described.map(({ errorCode }) => errorCode)).toEqual(topics.map(() => 0))
  return Object.fromEntries(
    described.map(({ topic, entries }) => [
      topic,
      Object.fromEntries(entries.filter(({ isDefault }) => !isDefault).map(({ name, value }) => [name, value]))
    ])
  )
}

async function createTopics(topics: Record<string, Record<string, string>>): Promise<void> {
  for (const [topic, configs] of Object.entries(topics))
    await admin.createTopic({ topic, partitions: 1, replicationFactor: 1, configs })
  await waitUntil('the topics are there', async () => {
    expect(await ownConfigs(Object.keys(topics))).toEqual(topics)
    return true
  })
}

function configSync(changes: { mode?: 'requested' | 'required' | 'never'; useDefaultsFrom?: string } = {}) {
  const requests: string[] = []
  const sync = new TopicConfigSync({
    settings: { sourceAlias: 'A', targetAlias: 'B', incrementalAlterConfigs: changes.mode ?? 'requested' },
    policy,
    configPropertyFilter: new DefaultConfigPropertyFilter({
      'config.properties.exclude': ['min.insync.replicas'],
      'use.defaults.from': changes.useDefaultsFrom ?? 'target'
    }),
    targetAdmin: {
      alterTopicConfigs: (all) => {
        requests.push(...all.map(({ topic, name, value }) => `${topic} ${name}=${String(value)}`))
        return admin.alterTopicConfigs(all)
      },
      replaceTopicConfigs: (all) => {
        requests.push(...all.map(({ topic, configs }) => `${topic} ${JSON.stringify(configs)}`))
        return admin.replaceTopicConfigs(all)
      }
    },
    describeSourceConfigs: (topics) => describeTopicConfigs(cluster, topics),
    describeTargetConfigs: (topics) => describeTopicConfigs(cluster, topics),
    logger: silentLogger
  })
  return { sync, requests }
}

describe.each(['requested', 'never'] as const)('topic settings with use.incremental.alter.configs = %s', (mode) => {
  const [from, equal] = [`orders-${mode}`, `equal-${mode}`]

  it('become those of the source, with one write of what differs, and excluded ones stay', async () => {
    await createTopics({
      [from]: { 'retention.ms': '1000', 'min.insync.replicas': '1' },
      [`A.${from}`]: { 'retention.bytes': '5000', 'min.insync.replicas': '2' },
      [equal]: { 'cleanup.policy': 'compact' },
      [`A.${equal}`]: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' }
    })
    const { sync, requests } = configSync({ mode })
    const topics = [from, equal, `gone-${mode}`]
    await sync.run(topics, signal)
    expect(requests.sort()).toEqual(
      mode === 'never'
        ? [`A.${from} {"min.insync.replicas":"2","retention.ms":"1000"}`]
        : [`A.${from} retention.bytes=null`, `A.${from} retention.ms=1000`]
    )
    await waitUntil('the broker shows it', async () => {
      expect(await ownConfigs([`A.${from}`, `A.${equal}`])).toEqual({
        [`A.${from}`]: { 'retention.ms': '1000', 'min.insync.replicas': '2' },
        [`A.${equal}`]: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' }
      })
      return true
    })
    requests.length = 0
    await sync.run(topics, signal)
    expect(requests).toEqual([])
  })
})

it('the source’s built-in defaults are written out with use.defaults.from = source', async () => {
  await createTopics({ defaults: {}, 'A.defaults': { 'retention.bytes': '5000' } })
  const { sync, requests } = configSync({ useDefaultsFrom: 'source' })
  await sync.run(['defaults'], signal)
  await waitUntil('the broker shows it', async () => {
    const own = (await ownConfigs(['A.defaults']))['A.defaults']
    expect(own).toMatchObject({ 'cleanup.policy': 'delete', 'index.interval.bytes': '4096' })
    return true
  })
  requests.length = 0
  await sync.run(['defaults'], signal)
  expect(requests).toEqual([])
})

it('a setting that the target refuses is its topic’s trouble alone, told once', async () => {
  await createTopics({ good: { 'retention.ms': '1' }, 'A.good': {}, bad: { 'retention.ms': '1' }, 'A.bad': {} })
  const lines: string[] = []
  const logger = recordingLogger(lines)
  const sync = new TopicConfigSync({
    settings: { sourceAlias: 'A', targetAlias: 'B', incrementalAlterConfigs: 'requested' },
    policy,
    configPropertyFilter: { shouldReplicateConfigProperty: (name) => name === 'retention.ms' },
    targetAdmin: admin,
    describeSourceConfigs: async (topics) => {
      const described = await describeTopicConfigs(cluster, topics)
      const spoilt = (topic: string, value: string | null) => (topic === 'bad' ? 'not a number' : value)
      return described.map(({ topic, entries, ...rest }) => ({
        ...rest,
        topic,
        entries: entries.map((entry) => ({ ...entry, value: spoilt(topic, entry.value) }))
      }))
    },
    describeTargetConfigs: (topics) => describeTopicConfigs(cluster, topics),
    logger
  })
  await sync.run(['good', 'bad'], signal)
  await sync.run(['good', 'bad'], signal)
  await waitUntil('the broker shows it', async () => (await ownConfigs(['A.good']))['A.good']?.['retention.ms'] === '1')
  expect(lines).toEqual([
    expect.stringMatching(/^warn: The settings of topic A\.bad on B .* name it in config\.properties/)
  ])
})

it('ACLs of mirrored topics are copied by the rules, and only what is missing', async () => {
  const acl = (topic: string, principal: string, operation: number, permission: number): TopicAcl => ({
    ...{ topic, principal: `User:${principal}`, host: '*', operation, permission }
  })
  const { read, write, all, describe: look } = aclOperation
  const { allow, deny } = aclPermission
  const onSource = [
    acl('bills', 'alice', read, allow),
    acl('bills', 'bob', all, allow),
    acl('bills', 'carol', write, allow),
    acl('bills', 'dave', all, deny),
    acl('*', 'root', read, allow),
    acl('secret', 'alice', read, allow)
  ]
  const wanted = [
    acl('A.bills', 'alice', read, allow),
    acl('A.bills', 'bob', read, allow),
    acl('A.bills', 'dave', all, deny)
  ]
  const kept = acl('A.bills', 'eve', look, allow)
  expect(await createTopicAcls(cluster, [...onSource, kept, acl('A.bills', 'alice', read, allow)])).toEqual(
    Array.from({ length: 8 }, () => null)
  )
  const lines: string[] = []
  const logger = recordingLogger(lines)
  const created: TopicAcl[] = []
  const sync = new AclSync({
    settings: { sourceAlias: 'A', targetAlias: 'B' },
    policy,
    selection: { isMirrored: (topic) => topic === 'bills' || topic === '*' },
    describeSourceAcls: () => describeTopicAcls(cluster),
    describeTargetAcls: () => describeTopicAcls(cluster),
    targetAdmin: {
      createAcls: (acls) => {
        created.push(...acls)
        return admin.createAcls(acls)
      }
    },
    isAway: () => false,
    logger
  })
  const onTarget = async () => (await describeTopicAcls(cluster)).filter(({ topic }) => topic === 'A.bills')
  await waitUntil('the broker shows what is there', async () => (await onTarget()).length === 2)
  await sync.run()
  await waitUntil('the broker shows the new ones', async () => (await onTarget()).length === 4)
  expect(await onTarget()).toEqual(expect.arrayContaining([...wanted, kept]))
  expect(created).toHaveLength(2)
  await sync.run()
  expect(created).toHaveLength(2)
  expect(lines.filter((line) => line.startsWith('warn'))).toEqual([expect.stringContaining('on any topic')])
})
