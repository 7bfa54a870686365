/** Targets that refuse: records too large, records without a key where one is needed, and more bytes than a quota allows. */
import { beforeAll, expect, test } from 'vitest'
import { runJavaClass } from '../../dev/local-kafka/java-class.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { type LogLine } from '../../dev/local-mirror.ts'
import { produceRecords } from '../../dev/local-kafka/topic-records.ts'
import {
  complaints,
  createTopic,
  expectExact,
  faultRuns,
  readIdentified,
  recordCount,
  summarise
} from '../support/fault-run.ts'
import { compareMirrored } from '../support/invariants.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { plainRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
const startRun = faultRuns()
let source: LocalCluster
let target: LocalCluster

beforeAll(async () => {
  const [a, b] = await Promise.all([startCluster(), startCluster()])
  source = a
  target = b
}, clusterTimeoutMs)

test('batches larger than the target takes are split, records larger than it takes are reported by offset', async () => {
  const topic = 'large'
  await createTopic(source, { topic, partitions: 1 })
  await createTopic(target, { topic: `A.${topic}`, partitions: 1, configs: { 'max.message.bytes': '10000' } })
  const records = plainRecords(600, 500).map((record, index) =>
    index === 200 || index === 201 || index === 599 ? { ...record, value: `${index}`.padEnd(20_000, 'x') } : record
  )
  await produceRecords(source, topic, records, { settings: { 'batch.size': '200000', 'linger.ms': '200' } })
  // The topic at the target keeps its own limit: configs are not synchronised.
  const mirror = await startMirror(source, target, { topics: topic, 'sync.topic.configs.enabled': 'false' })
  const all = await readIdentified(source, topic)
  const report = await waitUntil(
    'all that fit have arrived',
    async () => {
      const seen = compareMirrored(all, await readIdentified(target, `A.${topic}`))
      const lost = seen.missing.reduce((sum, range) => sum + Number(range.toOffset - range.fromOffset) + 1, 0)
      return lost === 3 && seen
    },
    { timeoutMs: 60_000, intervalMs: 500 }
  )
  await produceRecords(source, topic, [{ key: 'behind', value: 'them', timestamp: 1 }])
  await waitUntil(
    'what comes behind them arrives',
    async () => (await readIdentified(target, `A.${topic}`)).length === 598
  )
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  expect(report).toMatchObject({ duplicates: 0, faults: [] })
  const reported = (await mirror.log()).flatMap(({ offsets }) => (typeof offsets === 'string' ? [offsets] : []))
  expect(reported.join(', ')).toMatch(/^200 to 200, 201 to 201, 599 to 599$|^200 to 201, 599 to 599$/)
})

test('a partition that the target refuses stops alone, and is reported once', async () => {
  const partitions = 3
  await createTopic(source, { topic: 'keyless', partitions })
  await createTopic(target, { topic: 'A.keyless', partitions, configs: { 'cleanup.policy': 'compact' } })
  const properties = { topics: 'steady,keyless', 'sync.topic.configs.enabled': 'false' }
  const run = await startRun({ source, target, topic: 'steady', properties })
  const refused = { partition: 1, key: null, value: 'a compacted topic wants a key', timestamp: 1 }
  await produceRecords(source, 'keyless', [
    ...[0, 1, 2].flatMap((partition) => plainRecords(50, 50, partition)),
    ...[refused, ...plainRecords(50, 60, 1)]
  ])
  await produceRecords(
    source,
    'keyless',
    [0, 2].flatMap((partition) => plainRecords(50, 70, partition))
  )
  await waitUntil('it is reported', async () => (await refusals()).length > 0, { timeoutMs: 30_000 })
  await run.producer.flows(1_000)
  const outcome = await run.finish()
  summarise('keyless', outcome)
  expectExact(outcome)
  expect((await refusals()).map(({ msg }) => msg)).toEqual([expect.stringMatching(/^B: A\.keyless-1: .* null key/)])
  const report = compareMirrored(await readIdentified(source, 'keyless'), await readIdentified(target, 'A.keyless'))
  expect(report).toMatchObject({ duplicates: 0, faults: [] })
  expect(report.missing.map(({ partition }) => partition)).toEqual([1])

  async function refusals(): Promise<LogLine[]> {
    return (await run.mirror.log()).filter((line) => line.level >= 40 && JSON.stringify(line).includes('keyless'))
  }
})

test('a producer quota slows the mirror down and does nothing else', async () => {
  const topic = 'quota'
  const client = ['--entity-type', 'clients', '--entity-default']
  const change = async (...what: string[]): Promise<void> => {
    const args = ['--bootstrap-server', target.bootstrapServers, '--alter', ...what, ...client]
    await runJavaClass(target.jars, 'kafka.admin.ConfigCommand', args)
  }
  await change('--add-config', 'producer_byte_rate=40000')
  const run = await startRun({ source, target, topic, load: { recordsPerSecond: 2000 }, catchUpMs: 120_000 })
  // Seconds pass before: a broker lets through at once what the quota allows in its whole window of ten seconds.
  await waitUntil(
    'the mirror falls behind',
    async () => run.producer.ackedCount - (await recordCount(target, run.remoteTopic)) > 4_000,
    { timeoutMs: 60_000 }
  )
  await change('--delete-config', 'producer_byte_rate')
  const outcome = await run.finish()
  summarise(topic, outcome)
  expectExact(outcome)
  expect([...complaints(outcome.log)]).toEqual([])
})
