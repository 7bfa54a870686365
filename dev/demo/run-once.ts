/** `--once`: a fixed amount, mirrored and compared record by record through Apache Kafka's own clients. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin } from 'kafkajs'
import { type KafkaJars } from '../local-kafka/kafka-jars.ts'
import { produceRecords, readTopic, type RecordToProduce } from '../local-kafka/topic-records.ts'
import { type CleanUp } from './clean-up.ts'
import { type ClusterPair, kafkaFiles } from './cluster-pair.ts'
import { type Comparison, compareTopics } from './compare-topics.ts'
import { createTopics, failWhenEnded, startMirror } from './demo-mirror.ts'
import { connectAdmin, kafkaClient, partitionCount, recordCount, topicSetting } from './kafka-client.ts'
import { alignColumns, count } from './table.ts'
import { type DemoTopic, demoTopics } from './workload.ts'

export interface RunOptions {
  readonly pair: ClusterPair
  readonly cleanUp: CleanUp
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

interface Checked {
  readonly topic: DemoTopic
  readonly comparison: Comparison
  readonly differences: readonly string[]
}

interface Run extends RunOptions {
  readonly admins: { readonly source: Admin; readonly target: Admin }
  readonly jars: KafkaJars
}

/** @returns whether every record arrived identical */
export async function runOnce(options: RunOptions): Promise<boolean> {
  const { pair, cleanUp, print } = options
  const jars = await kafkaFiles(print)
  const source = await connectAdmin(kafkaClient(pair.source), cleanUp)
  const target = await connectAdmin(kafkaClient(pair.target), cleanUp)
  const run: Run = { ...options, jars, admins: { source, target } }
  const topics = demoTopics(pair.topicPrefix)
  await createTopics(pair, topics, run.admins, cleanUp)
  const mirror = await startMirror(pair, topics, cleanUp)
  const startedAt = Date.now()
  print(`connect-mirror-maker runs as process ${mirror.pid}; producing to ${topics.length} topics`)
  await Promise.race([mirrorAll(run, topics), failWhenEnded(mirror)])
  print(`All mirrored ${((Date.now() - startedAt) / 1000).toFixed(1)} s after its start; comparing both sides`)
  const checked = await mapPairwise(topics, async (topic) => await check(run, topic))
  return report(checked, print)
}

async function mirrorAll(run: Run, topics: readonly DemoTopic[]): Promise<void> {
  await mapPairwise(topics, async (topic) => {
    const options = { compression: topic.compression, settings: topic.producerSettings }
    await produceRecords({ jars: run.jars, bootstrapServers: run.pair.source }, topic.name, recordsOf(topic), options)
  })
  for (const topic of topics) {
    const expected = expectedCount(topic)
    while (await isBehind(run, topic, expected)) {
      run.signal.throwIfAborted()
      await delay(100)
    }
  }
}

async function isBehind({ admins }: Run, topic: DemoTopic, expected: number): Promise<boolean> {
  const isThere = (await admins.target.listTopics()).includes(`A.${topic.name}`)
  return !isThere || (await recordCount(admins.target, `A.${topic.name}`)) < expected
}

function recordsOf(topic: DemoTopic): RecordToProduce[] {
  const now = Date.now()
  const records = Array.from({ length: topic.recordCount }, (_, index) => topic.record(index, now + index))
  return [...records, ...topic.awkwardRecords(now)]
}

function expectedCount(topic: DemoTopic): number {
  return topic.recordCount + topic.awkwardRecords(0).length
}

async function check({ jars, pair, admins }: Run, topic: DemoTopic): Promise<Checked> {
  const remote = `A.${topic.name}`
  const [source, target] = await Promise.all([
    readTopic({ jars, bootstrapServers: pair.source }, topic.name),
    readTopic({ jars, bootstrapServers: pair.target }, remote)
  ])
  const comparison = compareTopics(source, target, expectedCount(topic))
  const differences = [...comparison.differences]
  const partitions = await partitionCount(admins.target, remote)
  if (partitions !== topic.partitions) differences.push(`${remote} has ${partitions} partitions`)
  for (const [key, value] of Object.entries(topic.settings)) {
    const found = await topicSetting(admins.target, remote, key)
    if (found !== value) differences.push(`${remote} has ${key}=${found ?? 'nothing'} instead of ${value}`)
  }
  return { topic, comparison, differences }
}

/** Two at a time: each is a Java process or two. */
async function mapPairwise<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 2) results.push(...(await Promise.all(items.slice(at, at + 2).map(map))))
  return results
}

function report(checked: readonly Checked[], print: (line: string) => void): boolean {
  const isIdentical = checked.every(({ differences }) => differences.length === 0)
  const table = alignColumns([
    ['topic', 'partitions', 'records', 'bytes', 'headers', 'tombstones', 'result'],
    ...checked.map(({ topic, comparison, differences }) => [
      topic.name,
      count(topic.partitions),
      count(comparison.records),
      count(comparison.bytes),
      count(comparison.headers),
      count(comparison.tombstones),
      differences.length === 0 ? 'identical' : 'DIFFERS'
    ])
  ])
  print('')
  table.forEach((line, index) => {
    print(index === 0 ? line : `${line}  ${describe(checked[index - 1])}`)
  })
  for (const { topic, differences } of checked) for (const line of differences) print(`DIFFERS ${topic.name}: ${line}`)
  const records = checked.reduce((sum, { comparison }) => sum + comparison.records, 0)
  const bytes = checked.reduce((sum, { comparison }) => sum + comparison.bytes, 0)
  print('')
  print(
    `${isIdentical ? 'OK' : 'FAILED'}: ${count(records)} records, ${(bytes / 1e6).toFixed(1)} MB, in ${checked.length} topics; ` +
      'compared: key, value, headers, timestamp, partition, order, partition counts, topic settings'
  )
  return isIdentical
}

function describe(checked: Checked | undefined): string {
  if (checked === undefined) return ''
  const settings = Object.entries(checked.topic.settings).map(([key, value]) => `, ${key}=${value} at the target`)
  return `(${checked.topic.what}${settings.join('')})`
}
