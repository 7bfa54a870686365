/** Internal topics that others have written to, or created wrongly. Both clusters of the route are one, which costs one JVM less. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { type LocalMirror, type LogLine } from '../../dev/local-mirror.ts'
import { type ClusterAdmin, clusterAdmins } from '../support/cluster-admin.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { plainProducers, type Produce } from '../support/plain-producer.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const connectAdmin = clusterAdmins()
const connectProducer = plainProducers()
const startMirror = localMirrors()
const patient = { timeoutMs: 90_000, intervalMs: 100 }
let cluster: LocalCluster
let admin: ClusterAdmin
let produce: Produce

beforeAll(async () => {
  cluster = await startCluster()
  admin = await connectAdmin(cluster)
  produce = await connectProducer(cluster)
  await admin.createTopic('orders')
}, clusterTimeoutMs)

const start = (aliases: readonly [string, string] = ['A', 'B']): Promise<LocalMirror> =>
  startMirror(cluster, cluster, { topics: 'orders' }, { aliases, clusters: [aliases[1]] })

async function mirrored(count: number): Promise<void> {
  const seen = async (): Promise<boolean> => (await admin.offsetCount('A.orders')) === count
  await waitUntil(`${count} records are mirrored`, seen, patient)
}

interface BrokenRecord {
  readonly key: string
  readonly value: string | Buffer | null
}

type BrokenRecords = readonly [topic: string, records: readonly BrokenRecord[]]

const source = 'MirrorSourceConnector'
const notUtf8 = Buffer.from([0xff, 0xfe, 0x7b])

/** Each is to be reported once, and none else. Brokers themselves refuse records without a key in compacted topics. */
const followed: readonly BrokenRecords[] = [
  [
    'mm2-configs.A.internal',
    [
      { key: '', value: '{}' },
      { key: 'no-such-key', value: '{}' },
      { key: `connector-${source}`, value: '{"properties":' },
      { key: `connector-${source}`, value: '[]' },
      { key: `connector-${source}`, value: '{"properties":{"topics":{"nested":true}}}' },
      { key: `task-${source}-0`, value: notUtf8 },
      { key: `task-${source}-0`, value: null },
      { key: `task-${source}-x`, value: '{"properties":{}}' },
      { key: `commit-${source}`, value: '{"tasks":"one"}' },
      { key: `target-state-${source}`, value: '{"state":"DOING"}' },
      { key: 'session-key', value: '{"key":1}' }
    ]
  ],
  [
    'mm2-status.A.internal',
    [
      { key: '', value: null },
      { key: 'no-such-key', value: '{}' },
      { key: `status-connector-${source}`, value: '{' },
      { key: `status-task-${source}-0`, value: '{"state":"RUNNING"}' },
      { key: `status-task-${source}-x`, value: null },
      { key: 'status-topic-A.orders', value: '{}' }
    ]
  ]
]
/** The offsets topic is read when somebody asks for positions. */
const readOnDemand: readonly BrokenRecords[] = [
  [
    'mm2-offsets.A.internal',
    [
      { key: '', value: null },
      { key: '["MirrorSourceConnector"', value: '{"offset":1}' },
      { key: '["MirrorSourceConnector"]', value: '{"offset":1}' },
      { key: `["${source}",{"cluster":"A","partition":0,"topic":"orders"}]`, value: '{"offset":' },
      { key: `["${source}",{"cluster":"A","partition":0,"topic":"orders"}]`, value: '17' }
    ]
  ]
]

describe('records that cannot be understood', () => {
  let mirror: LocalMirror

  async function skipped(): Promise<LogLine[]> {
    return (await mirror.log()).filter(({ msg }) => msg.startsWith('Skipped the record of '))
  }

  async function expectEachTold(broken: readonly BrokenRecords[]): Promise<void> {
    const count = broken.reduce((sum, [, records]) => sum + records.length, 0)
    await waitUntil('all are told of', async () => (await skipped()).length >= count, patient)
    for (const [topic, records] of broken) {
      const lines = (await skipped()).filter((line) => line['topic'] === topic)
      const keys = lines.map((line) => line['key'])
      expect(keys.toSorted(), topic).toEqual(records.map(({ key }) => key).toSorted())
      for (const { level, msg, partition, offset } of lines) {
        expect(level).toBe(40)
        expect(msg).toContain(`Skipped the record of ${topic}-${String(partition)} at offset ${String(offset)}: `)
      }
      const places = lines.map(({ partition, offset }) => `${String(partition)} ${String(offset)}`)
      expect(new Set(places).size).toBe(records.length)
    }
  }

  test('are told of at once where the topic is followed, and change nothing', async () => {
    await produce('orders', plain(10))
    mirror = await start()
    await mirrored(10)
    for (const [topic, records] of followed) await produce(topic, [...records])
    await produce('orders', plain(10))
    await mirrored(20)
    await expectEachTold(followed)
    expect(mirror.running).toBe(true)
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  }, 180_000)

  test('are told of once each at the next start, which finds configs, states and positions as they were', async () => {
    for (const [topic, records] of readOnDemand) await produce(topic, [...records])
    await produce('orders', plain(10))
    mirror = await start()
    await mirrored(30)
    await expectEachTold([...followed, ...readOnDemand])
    expect(await complaints(mirror)).toEqual([])
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await admin.offsetCount('A.orders')).toBe(30)
  }, 180_000)
})

function plain(count: number): { value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ value: `order ${index}` }))
}

describe('an internal topic that must not be as it is', () => {
  test.each([
    {
      what: 'the status topic without compaction',
      aliases: ['C', 'D'],
      topic: 'mm2-status.C.internal',
      partitions: 1,
      policy: 'delete',
      says: /mm2-status\.C\.internal .*cleanup\.policy=delete.* --add-config cleanup\.policy=compact/
    },
    {
      what: 'the config topic with three partitions',
      aliases: ['E', 'F'],
      topic: 'mm2-configs.E.internal',
      partitions: 3,
      policy: 'compact',
      says: /mm2-configs\.E\.internal .*3 partitions.*delete mm2-configs\.E\.internal and let it be created again/
    }
  ] as const)(
    'ends the start with 3 and what to do: $what',
    async ({ aliases, topic, partitions, policy, says }) => {
      await admin.createTopic(topic, partitions, { 'cleanup.policy': policy })
      const mirror = await start(aliases)
      expect(await mirror.exited).toEqual({ code: 3, signal: null })
      const errors = (await mirror.log()).filter(({ level }) => level >= 50)
      expect(errors.map(({ msg }) => msg)).toEqual([expect.stringMatching(says)])
      // Nothing else was begun.
      expect(await admin.topics()).not.toContain(`${aliases[0]}.orders`)
    },
    90_000
  )
})
