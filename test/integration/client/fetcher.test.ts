import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { produceRecords } from '../../../dev/local-kafka/topic-records.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { systemRandom } from '../../../src/base/random.ts'
import { ByteBudget } from '../../../src/client/byte-budget.ts'
import { connectCluster } from '../../../src/client/kafka-cluster.ts'
import { RawFetcher } from '../../../src/client/raw-fetcher.ts'
import { topicPartitionKey } from '../../../src/client/topic-partition.ts'
import { type ConsumerSettings } from '../../../src/config/client-settings.ts'
import { WorkerSourceTask } from '../../../src/connect/worker/worker-source-task.ts'
import { HeldGaps } from '../../../src/mirror/source/held-gaps.ts'
import { MirrorSourceTask } from '../../../src/mirror/source/mirror-source-task.ts'
import { openConnection } from '../../../src/net/open-connection.ts'
import { fetch } from '../../../src/wire/api/01-fetch.ts'
import { batchRecordCount } from '../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { type ClusterAdmin, clusterAdmins } from '../../support/cluster-admin.ts'
import { consumerSettings } from '../../support/fake-source/fetcher-bench.ts'
import { readAllTopics } from '../../support/read-all.ts'
import { clientSettings, realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { unwrittenLedger } from '../../support/unwritten-ledger.ts'
import { unreadMetrics } from '../../support/unread-metrics.ts'
import { everyCodec, plainRecord } from '../../support/record-batches.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()
const connectAdmin = clusterAdmins()
const clients = realClients()
const onEnd = cleanUpAfterFile()
const tools = { clock: systemClock, random: systemRandom, logger: silentLogger }

function settingsFor(cluster: LocalCluster, changes: Partial<ConsumerSettings> = {}): ConsumerSettings {
  return {
    ...consumerSettings,
    fetchMaxBytes: 16_777_216,
    maxPartitionFetchBytes: 1_048_576,
    ...clientSettings(cluster.bootstrapServers),
    ...changes
  }
}

/** A raw fetcher whose batches are counted and released; `sizes`: bytes of each fetch request. */
class Reader {
  readonly fetcher: RawFetcher
  readonly sizes: number[] = []
  /** By `topic-partition`. */
  readonly records = new Map<string, number>()
  readonly gaps: string[] = []
  #isOpen = true

  constructor(settings: ConsumerSettings) {
    const cluster = connectCluster({
      ...{ alias: 'A', settings, ...tools },
      openConnection: async (options) => {
        const connection = await openConnection(options)
        const request = connection.requestRetained.bind(connection)
        connection.requestRetained = async (api, body, limits) => {
          const writer = new Writer(true)
          api.encodeRequest(writer, body, fetch.maxVersion)
          this.sizes.push(writer.length)
          return await request(api, body, limits)
        }
        return connection
      }
    })
    this.fetcher = new RawFetcher({
      ...{ cluster, settings, budget: new ByteBudget(48_000_000), ...tools },
      listener: { gap: (_, { kind }) => this.gaps.push(kind), blocked: () => undefined, resumed: () => undefined }
    })
    onEnd(async () => {
      this.#isOpen = false
      await this.fetcher.close()
      await cluster.close()
    })
    void this.#read()
  }

  async #read(): Promise<void> {
    while (this.#isOpen) {
      for (const run of await this.fetcher.poll(1_000)) {
        for (const batch of run.batchCount > 1 ? run.split() : [run]) {
          const key = topicPartitionKey(batch.cursor.topic, batch.cursor.partition)
          const count = batch.verdict === 'data' ? batchRecordCount(batch.records, 0) : 0
          this.records.set(key, (this.records.get(key) ?? 0) + count)
          batch.release()
        }
      }
    }
  }
}

/** Writes batches of every codec, one after the other, to two partitions. */
async function fill(cluster: LocalCluster, topic: string): Promise<void> {
  const producer = clients.producer(clients.cluster(cluster.bootstrapServers), cluster.bootstrapServers)
  for (let round = 0; round < 10; round++) {
    for (const codec of everyCodec) {
      const records = Array.from({ length: 30 }, (_, index) => plainRecord(round * 30 + index))
      const batch = await encodeBatch(records, codec)
      const recordCount = records.length
      producer.send(topic, round % 2, { records: batch, recordCount, settled: () => undefined })
    }
  }
  expect(await producer.flush(20_000)).toBe(true)
}

function mirror(source: LocalCluster, target: LocalCluster, topic: string): void {
  const consumer = settingsFor(source)
  const worker = new WorkerSourceTask({
    ...{ id: 'test-0', offsetFlushIntervalMs: 60_000, gracefulStopTimeoutMs: 5_000, ...tools },
    task: new MirrorSourceTask({
      ...{ source: connectCluster({ alias: 'A', settings: consumer, openConnection, ...tools }), consumer },
      ...{ sourceAlias: 'A', targetAlias: 'B', policy: { formatRemoteTopic: (_, name) => name } },
      partitions: [0, 1].map((partition) => ({ topic, partition })),
      ...{ topicIds: new Map(), gapPolicy: 'continue', heldGaps: new HeldGaps() },
      createLedger: unwrittenLedger(tools.clock),
      ...{ metrics: unreadMetrics(tools.clock), metricTask: { connector: 'test', task: 0, formats: ['legacy'] } },
      ...{ pollTimeoutMs: 1_000, budgetBytes: 48_000_000, compressionType: null, ...tools }
    }),
    producer: clients.producer(clients.cluster(target.bootstrapServers), target.bootstrapServers),
    offsetStore: {
      get: async (partitions) => await Promise.resolve(partitions.map(() => undefined)),
      put: async () => {
        await Promise.resolve()
      }
    }
  })
  onEnd(() => worker.stop())
}

describe('between brokers of different versions', () => {
  const versions = ['4.3.1', '3.9.1', '3.3.2'] as const
  const clusters = new Map<string, { cluster: LocalCluster; admin: ClusterAdmin }>()

  beforeAll(async () => {
    await Promise.all(
      versions.map(async (version) => {
        const cluster = await startCluster({ version })
        clusters.set(version, { cluster, admin: await connectAdmin(cluster) })
      })
    )
  }, clusterTimeoutMs)

  function of(version: string): { cluster: LocalCluster; admin: ClusterAdmin } {
    const found = clusters.get(version)
    if (found === undefined) throw new Error(`no cluster runs ${version}`)
    return found
  }

  it.each([
    ['4.3.1', '3.3.2'],
    ['3.3.2', '4.3.1'],
    ['3.9.1', '4.3.1']
  ])('batches of every codec arrive unchanged from %s at %s', async (from, to) => {
    const [source, target] = [of(from), of(to)]
    const topic = `from-${from}`
    await Promise.all([source.admin.createTopic(topic, 2), target.admin.createTopic(topic, 2)])
    await fill(source.cluster, topic)
    mirror(source.cluster, target.cluster, topic)
    await waitUntil('all records are there', async () => (await target.admin.offsetCount(topic)) === 1_500)
    const [expected, seen] = await Promise.all([
      readAllTopics(source.cluster, [topic]),
      readAllTopics(target.cluster, [topic])
    ])
    expect(seen).toEqual(expected)
  })

  it('aborted records are left out under read_committed alone', async () => {
    const { cluster, admin } = of('4.3.1')
    await admin.createTopic('transactions')
    const records = (count: number) => Array.from({ length: count }, () => ({ partition: 0, value: 'v' }))
    await produceRecords(cluster, 'transactions', records(4), { transaction: { id: 'one', end: 'commit' } })
    await produceRecords(cluster, 'transactions', records(5), { transaction: { id: 'two', end: 'abort' } })
    await produceRecords(cluster, 'transactions', records(3))
    const counts = (['read_uncommitted', 'read_committed'] as const).map(async (isolationLevel) => {
      const reader = new Reader(settingsFor(cluster, { isolationLevel }))
      const [cursor] = reader.fetcher.assign([{ topic: 'transactions', partition: 0, position: 0n }])
      // Two markers take an offset each.
      await waitUntil('the end is reached', () => cursor?.position === 14n)
      return reader.records.get('transactions-0')
    })
    expect(await Promise.all(counts)).toEqual([12, 7])
  })

  it('hundreds of idle partitions cost requests of a few bytes and next to no CPU', async () => {
    const { cluster, admin } = of('4.3.1')
    await admin.createTopic('wide', 500)
    const reader = new Reader(settingsFor(cluster))
    const cursors = reader.fetcher.assign(
      Array.from({ length: 500 }, (_, partition) => ({ topic: 'wide', partition, position: 0n }))
    )
    // The broker makes a directory for each.
    const isRead = () => cursors.every(({ highWatermark }) => highWatermark !== undefined)
    await waitUntil('each was answered', isRead, { timeoutMs: 60_000 })
    await waitUntil('the last answer is accounted for', () => (reader.sizes.at(-1) ?? 100) < 100, {
      timeoutMs: 60_000
    })
    const [before, cpu] = [reader.sizes.length, process.cpuUsage()]
    await waitUntil('four more fetches were sent', () => reader.sizes.length >= before + 4)
    const { user, system } = process.cpuUsage(cpu)
    expect(Math.max(...reader.sizes)).toBeGreaterThan(10_000)
    expect(Math.max(...reader.sizes.slice(before))).toBeLessThan(100)
    // Four fetches of half a second each.
    expect((user + system) / 1_000).toBeLessThan(400)
  }, 90_000)
})

describe('with followers', () => {
  let cluster: LocalCluster

  beforeAll(async () => {
    cluster = await startCluster({
      brokers: 3,
      settings: {
        'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
        'default.replication.factor': '3'
      },
      brokerSettings: { 1: { 'broker.rack': 'r1' }, 2: { 'broker.rack': 'r2' }, 3: { 'broker.rack': 'r3' } }
    })
  }, clusterTimeoutMs)

  it('reads from the one in its rack, and goes on when that dies', async () => {
    const admin = await connectAdmin(cluster)
    await admin.createTopic('t', 1, {}, 3)
    const lookup = clients.cluster(cluster.bootstrapServers)
    const described = await waitUntil('the topic has a leader', async () => {
      const [topic] = await lookup.describeTopics(['t'])
      return (topic?.partitions[0]?.leader ?? -1) >= 0 && topic
    })
    const leader = described.partitions[0]?.leader ?? -1
    const follower = 1 + (leader % 3)
    const producer = clients.producer(lookup, cluster.bootstrapServers)
    const produce = async (): Promise<void> => {
      const batch = await encodeBatch([plainRecord(0)])
      producer.send('t', 0, { records: batch, recordCount: 1, settled: () => undefined })
      expect(await producer.flush(15_000)).toBe(true)
    }
    const reader = new Reader(settingsFor(cluster, { clientRack: `r${follower}` }))
    const [cursor] = reader.fetcher.assign([{ topic: 't', partition: 0, position: 0n }])
    await waitUntil('the follower is asked', () => cursor?.nodeId === follower)
    await produce()
    await waitUntil('its record is read', () => reader.records.get('t-0') === 1)
    expect(cursor?.nodeId).toBe(follower)
    await cluster.broker(follower).kill()
    await produce()
    await waitUntil('a record is read without it', () => reader.records.get('t-0') === 2)
    expect([cursor?.nodeId, reader.gaps]).toEqual([leader, []])
  })
})
