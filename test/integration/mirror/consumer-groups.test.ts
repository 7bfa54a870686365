/** Groups of every kind on a real broker: which are found, and which are written to. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import {
  commitGroupOffsets,
  describeGroup,
  fetchGroupOffsets,
  fetchOffsetsOfGroups
} from '../../../src/client/consumer-groups.ts'
import { type KafkaCluster } from '../../../src/client/kafka-cluster.ts'
import { type Checkpoint } from '../../../src/mirror-client/checkpoint.ts'
import { CheckpointStore } from '../../../src/mirror/checkpoint/checkpoint-store.ts'
import { GroupDiscovery } from '../../../src/mirror/checkpoint/group-discovery.ts'
import { GroupOffsetSync } from '../../../src/mirror/checkpoint/group-offset-sync.ts'
import { DefaultGroupFilter } from '../../../src/mirror/filters/default-group-filter.ts'
import { DefaultTopicFilter } from '../../../src/mirror/filters/default-topic-filter.ts'
import { clusterAdmins } from '../../support/cluster-admin.ts'
import { startJavaApplication, startKafkajsApplication } from '../../support/consumer-application.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { plainProducers } from '../../support/plain-producer.ts'
import { realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()
const clients = realClients()
const startAdmin = clusterAdmins()
const startProducer = plainProducers()
const register = cleanUpAfterFile()
const recordCount = 500

let kafka: LocalCluster
let cluster: KafkaCluster

beforeAll(async () => {
  kafka = await startCluster()
  cluster = clients.cluster(kafka.bootstrapServers)
  const admin = await startAdmin(kafka)
  await Promise.all([admin.createTopic('orders', 1), admin.createTopic('private', 1)])
  const produce = await startProducer(kafka)
  await produce(
    'orders',
    Array.from({ length: recordCount }, (_, index) => ({ value: String(index) }))
  )
  const random = seededRandom()
  const applications = [
    await startJavaApplication(kafka, { group: 'live newer', topics: ['orders'], random }),
    await startKafkajsApplication(kafka, { group: 'live classic', topics: ['orders'], random })
  ]
  for (const application of applications) register(() => application.stop())
  await Promise.all(applications.map((application) => application.reads(recordCount)))
}, clusterTimeoutMs)

async function commit(group: string, offset: bigint, topic = 'orders'): Promise<void> {
  expect(await commitGroupOffsets(cluster, group, [{ topic, partition: 0, offset }])).toEqual([0])
}

async function committed(group: string): Promise<readonly (readonly [string, bigint])[]> {
  const offsets = await fetchGroupOffsets(cluster, group, 'all')
  return offsets.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset])
}

describe('live groups of both protocols', () => {
  it('are seen as live, and one that does not exist as dead', async () => {
    expect(await describeGroup(cluster, 'live classic')).toMatchObject({ state: 'Stable', memberCount: 1 })
    expect(await describeGroup(cluster, 'live newer')).toMatchObject({
      ...{ state: 'Stable', protocolType: 'consumer', memberCount: 1 },
      memberHosts: [expect.stringContaining('/127.0.0.1')]
    })
    expect(await describeGroup(cluster, 'nobody')).toMatchObject({ state: 'Dead', memberCount: 0 })
  })
})

describe('discovery', () => {
  it('finds the groups of both protocols, and those that have offsets alone, of topics that are mirrored', async () => {
    await commit('found', 7n)
    await commit('a,b', 3n)
    await commit('elsewhere', 3n, 'private')
    await commit('excluded-1', 3n)
    const log: string[] = []
    const logger = recordingLogger(log)
    const discovery = new GroupDiscovery({
      source: cluster,
      groupFilter: new DefaultGroupFilter({ groups: ['.*'], 'groups.exclude': ['excluded-.*'] }),
      topicFilter: new DefaultTopicFilter({ topics: ['.*'], 'topics.exclude': ['private'] }),
      ...{ route: 'A->B', logger }
    })
    await waitUntil('both live groups have committed what they will', async () => {
      const [[newer], [classic]] = await Promise.all([committed('live newer'), committed('live classic')])
      return newer?.[1] === BigInt(recordCount) && classic !== undefined
    })
    const groups = ['a,b', 'found', 'live classic', 'live newer']
    expect(await discovery.run([])).toEqual({ groups, isComplete: true })
    expect(log).toEqual([])
  })

  it('reads the offsets of many groups at once, each with its own outcome', async () => {
    await commit('one', 1n)
    await commit('two', 2n)
    const fetched = await fetchOffsetsOfGroups(cluster, ['one', 'two', 'nobody', ''])
    expect(fetched.get('one')).toMatchObject([{ topic: 'orders', partition: 0, offset: 1n, errorCode: 0 }])
    expect(fetched.get('two')).toMatchObject([{ topic: 'orders', partition: 0, offset: 2n, errorCode: 0 }])
    expect(fetched.get('nobody')).toEqual([])
  })
})

describe('group offset sync', () => {
  const checkpoint = (
    consumerGroupId: string,
    downstreamOffset: bigint,
    more: Partial<Checkpoint> = {}
  ): Checkpoint => ({
    ...{ consumerGroupId, topic: 'orders', partition: 0, upstreamOffset: 0n, downstreamOffset, metadata: 'm' },
    ...more
  })

  it('writes forward into idle and absent groups alone, and only what exists', async () => {
    await commit('behind', 10n)
    await commit('ahead', 40n)
    const liveBefore = await Promise.all(['live classic', 'live newer'].map(committed))
    const wanted = [
      ...['behind', 'ahead', 'new, with a comma', 'live classic', 'live newer'].map((group) => checkpoint(group, 30n)),
      checkpoint('behind', 30n, { partition: 5 }),
      checkpoint('behind', 30n, { topic: 'not-there' }),
      checkpoint('beyond the end', BigInt(recordCount) + 1n),
      checkpoint('at the end', BigInt(recordCount))
    ]
    const store = new CheckpointStore(wanted.map(({ consumerGroupId }) => consumerGroupId))
    for (const each of wanted) store.put(each)
    const log: string[] = []
    const logger = recordingLogger(log)
    const sync = new GroupOffsetSync({ target: cluster, store, route: 'A->B', logger })
    await sync.run()
    await sync.run()
    expect(await committed('behind')).toEqual([['orders-0', 30n]])
    expect(await committed('ahead')).toEqual([['orders-0', 40n]])
    expect(await committed('new, with a comma')).toEqual([['orders-0', 30n]])
    expect(await committed('beyond the end')).toEqual([])
    expect(await committed('at the end')).toEqual([['orders-0', BigInt(recordCount)]])
    expect(await Promise.all(['live classic', 'live newer'].map(committed))).toEqual(liveBefore)
    expect((await fetchGroupOffsets(cluster, 'behind', 'all'))[0]?.metadata).toBe('m')
    expect(await describeGroup(cluster, 'live newer')).toMatchObject({ memberCount: 1 })
    expect(log.sort()).toEqual([
      expect.stringMatching(/^info: .*group live classic of B is Stable: .*left alone/),
      expect.stringMatching(/^info: .*group live newer of B is Stable: .*left alone/),
      expect.stringMatching(/^warn: .*checkpoints of orders-0 lie beyond its end/)
    ])
  })
})
