/** Clusters of three brokers: leaders move, brokers restart one by one, in-sync replicas run out. */
import kafkajs from 'kafkajs'
import { beforeAll, describe, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { complaints, expectExact, type FaultRun, faultRuns, lasts, summarise, withAdmin } from '../support/fault-run.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { faultSeed, seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const { ConfigResourceTypes } = kafkajs
const startCluster = realClusters()
const startRun = faultRuns()
const nodeIds = [1, 2, 3]
const partitions = 6
const replicated = {
  'replication.factor': '3',
  'offset.storage.replication.factor': '3',
  'status.storage.replication.factor': '3',
  'config.storage.replication.factor': '3',
  'offset-syncs.topic.replication.factor': '3',
  'checkpoints.topic.replication.factor': '3',
  'heartbeats.topic.replication.factor': '3'
}
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const options = { brokers: 3, heapMb: 256, settings: { 'min.insync.replicas': '2' } }
  const [a, b] = await Promise.all([startCluster(options), startCluster(options)])
  source = a
  target = b
}, 2 * clusterTimeoutMs)

const start = async (topic: string): Promise<FaultRun> =>
  await startRun({ source, target, topic, partitions, replicationFactor: 3, properties: replicated, catchUpMs: 90_000 })

describe.each(['source', 'target'] as const)('at the %s', (side) => {
  const cluster = (): LocalCluster => (side === 'source' ? source : target)
  const topicOf = (run: FaultRun): string => (side === 'source' ? run.options.topic : run.remoteTopic)

  test(`each broker killed in turn costs nothing, seed ${faultSeed}`, async () => {
    const run = await start(`${side}-killed`)
    const random = seededRandom()
    const order = nodeIds.map((nodeId) => ({ nodeId, at: random.next() })).toSorted((a, b) => a.at - b.at)
    for (const { nodeId } of order) {
      await cluster().broker(nodeId).kill()
      await run.mirrors(500)
      await cluster().startAll()
      await untilInSync(cluster(), topicOf(run), 3)
    }
    await finishExactly(run)
  })

  test('a rolling restart costs nothing', async () => {
    const run = await start(`${side}-rolled`)
    for (const nodeId of nodeIds) {
      await cluster().broker(nodeId).stop()
      await run.mirrors(300)
      await cluster().startAll()
      await untilInSync(cluster(), topicOf(run), 3)
    }
    await finishExactly(run)
  })

  test(`partitions moved from broker to broker cost nothing, seed ${faultSeed}`, async () => {
    const random = seededRandom()
    const run = await start(`${side}-moved`)
    for (let round = 0; round < 6; round++) {
      const assignment = Array.from({ length: partitions }, (_, partition) => {
        const first = random.pick(nodeIds)
        return { partition, replicas: [first, (first % 3) + 1] }
      })
      await withAdmin(cluster(), async (admin) => {
        const topics = [{ topic: topicOf(run), partitionAssignment: assignment }]
        await admin.alterPartitionReassignments({ topics })
      })
      await run.mirrors(300)
      await untilInSync(cluster(), topicOf(run), 2)
    }
    await finishExactly(run)
  })
})

test('a target below min.insync.replicas is waited for, with one warning', async () => {
  const run = await start('few-in-sync')
  // The third broker is the only one left, and no majority of controllers either: nothing can move.
  const away = nodeIds.slice(0, 2)
  await Promise.all(away.map((nodeId) => target.broker(nodeId).kill()))
  await lasts(15_000)
  await target.startAll()
  const outcome = await finishExactly(run)
  const counts = [...complaints(outcome.log)]
  expect(counts.filter(([, count]) => count > 2)).toEqual([])
  // Whatever the number of producers.
  expect(counts.filter(([msg, count]) => msg.includes('cannot be written to') && count > 1)).toEqual([])
})

test('in-sync replicas that run out while there is a leader stop only the writing', async () => {
  const run = await start('not-enough-replicas')
  const setMinInSync = async (value: string): Promise<void> => {
    await withAdmin(target, async (admin) => {
      const configEntries = [{ name: 'min.insync.replicas', value }]
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: run.remoteTopic, configEntries }]
      })
    })
  }
  await setMinInSync('3')
  await target.broker(3).kill()
  const refusals = async () => (await run.mirror.log()).filter(({ msg }) => msg.includes('NOT_ENOUGH_REPLICAS'))
  await waitUntil('the mirror is refused', async () => (await refusals()).length > 0, { timeoutMs: 60_000 })
  await lasts(10_000)
  await target.startAll()
  const outcome = await finishExactly(run)
  expect((await refusals()).length).toBeLessThanOrEqual(partitions)
  expect([...complaints(outcome.log)].filter(([, count]) => count > 2)).toEqual([])
})

async function finishExactly(run: FaultRun): ReturnType<FaultRun['finish']> {
  await run.producer.flows(500)
  const outcome = await run.finish()
  summarise(run.options.topic, outcome)
  expectExact(outcome)
  return outcome
}

async function untilInSync(cluster: LocalCluster, topic: string, count: number): Promise<void> {
  await waitUntil(
    `${topic} has ${count} replicas in sync`,
    async () => {
      const { topics } = await withAdmin(cluster, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
      return topics[0]?.partitions.every(({ isr }) => isr.length >= count)
    },
    { timeoutMs: 60_000, intervalMs: 300 }
  )
}
