/** Source logs that change behind the mirror's back: deleted and created again, cut short at the start. */
import { beforeAll, expect, test } from 'vitest'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { type LogLine } from '../../dev/local-mirror.ts'
import {
  createTopic,
  expectExact,
  faultRuns,
  readIdentified,
  recordCount,
  summarise,
  withAdmin
} from '../support/fault-run.ts'
import { compareMirrored } from '../support/invariants.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { SteadyProducer } from '../support/steady-producer.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startRun = faultRuns()
const partitions = 4
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const settings = { 'auto.create.topics.enable': 'false' }
  const [a, b] = await Promise.all([startCluster({ settings }), startCluster({ settings })])
  source = a
  target = b
}, clusterTimeoutMs)

interface Gap {
  readonly topicPartition: string
  readonly kind: string
  readonly fromOffset: string
  readonly toOffset: string
}

const gapsOf = (log: readonly LogLine[]): Gap[] =>
  log
    .filter(({ kind }) => kind !== undefined)
    .map(({ topicPartition, kind, fromOffset, toOffset }) => ({
      ...{ topicPartition: String(topicPartition), kind: String(kind) },
      ...{ fromOffset: String(fromOffset), toOffset: String(toOffset) }
    }))
    .sort((a, b) => a.topicPartition.localeCompare(b.topicPartition))

test.each([
  ['while the mirror runs', 'recreated-running', false],
  ['while the mirror is stopped', 'recreated-stopped', true],
  // Its log is longer than what was mirrored of the old one: the offset map alone tells them apart.
  ['and outgrown while the mirror is stopped', 'recreated-outgrown', true]
])('a source topic deleted and created again %s is mirrored anew from its start', async (_, topic, isStopped) => {
  const run = await startRun({ source, target, topic, partitions })
  const first = await run.producer.stop()
  await waitUntil('all is mirrored', async () => (await recordCount(target, run.remoteTopic)) >= first.length)
  if (isStopped) await run.mirror.stop()
  await withAdmin(source, (admin) => admin.deleteTopics({ topics: [topic] }))
  await waitUntil(
    'the topic is gone',
    async () => !(await withAdmin(source, (admin) => admin.listTopics())).includes(topic)
  )
  await createTopic(source, { topic, partitions })
  const isOutgrown = topic === 'recreated-outgrown'
  if (isStopped && !isOutgrown) await run.startMirror()
  const again = await SteadyProducer.start(source, topic, { partitions, maxPaddingBytes: 300, recordsPerSecond: 500 })
  await again.reaches(isOutgrown ? first.length + 400 : 500)
  if (isOutgrown) await run.startMirror()
  const second = await again.stop()
  const total = first.length + second.length
  await waitUntil(`all ${total} are mirrored`, async () => (await recordCount(target, run.remoteTopic)) >= total, {
    timeoutMs: 60_000
  })
  expect(await run.mirror.stop()).toEqual({ code: 0, signal: null })
  const mirrored = await readIdentified(target, run.remoteTopic)
  const ofPartition = (partition: number, list: typeof first) => list.filter((record) => record.partition === partition)
  for (let partition = 0; partition < partitions; partition++) {
    const log = ofPartition(partition, mirrored)
    const old = ofPartition(partition, first)
    for (const [records, part] of [
      [old, log.slice(0, old.length)],
      [ofPartition(partition, second), log.slice(old.length)]
    ] as const) {
      expectExact({ report: compareMirrored(records, part), sourceReplays: [] })
    }
  }
  const expected = Array.from({ length: partitions }, (_, partition) => {
    const fromOffset = String(ofPartition(partition, first).length)
    return { topicPartition: `${topic}-${partition}`, kind: 'recreated', fromOffset }
  })
  expect(gapsOf(await run.mirror.log())).toMatchObject(expected)
})

test('records deleted before a stopped mirror came back are reported by their offsets, all others arrive', async () => {
  const run = await startRun({ source, target, topic: 'deleted', partitions })
  await run.mirrors(500)
  await run.mirror.stop()
  const before = await readIdentified(target, run.remoteTopic)
  await run.producer.flows(2_000)
  const cuts = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    from: before.filter((record) => record.partition === partition).length,
    to: before.filter((record) => record.partition === partition).length + 100 * (partition + 1)
  }))
  await withAdmin(source, async (admin) => {
    const list = cuts.map(({ partition, to }) => ({ partition, offset: String(to) }))
    // Without it kafkajs does not know the leaders.
    await admin.fetchTopicOffsets('deleted')
    await admin.deleteTopicRecords({ topic: 'deleted', partitions: list })
  })
  await run.startMirror()
  await run.mirrors(1_000)
  await run.producer.flows(500)
  const acked = await run.producer.stop()
  const lost = cuts.reduce((sum, { from, to }) => sum + to - from, 0)
  const total = acked.length - lost
  await waitUntil(`${total} are mirrored`, async () => (await recordCount(target, run.remoteTopic)) >= total, {
    timeoutMs: 60_000
  })
  expect(await run.mirror.stop()).toEqual({ code: 0, signal: null })
  const report = compareMirrored(acked, await readIdentified(target, run.remoteTopic))
  const log = await run.mirror.log()
  summarise('deleted', { report, sourceReplays: [], log })
  expect(report).toMatchObject({ duplicates: 0, faults: [] })
  expect(report.missing).toEqual(
    cuts.map(({ partition, from, to }) => ({ partition, fromOffset: BigInt(from), toOffset: BigInt(to - 1) }))
  )
  expect(gapsOf(log)).toEqual(
    cuts.map(({ partition, from, to }) => ({
      ...{ topicPartition: `deleted-${partition}`, kind: 'retention' },
      ...{ fromOffset: String(from), toOffset: String(to) }
    }))
  )
})
