import { expect, test } from 'vitest'
import { readTopics, type TopicRecord } from '../../dev/local-kafka/topic-records.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { judgeTranslation } from '../../dev/translation-judge.ts'
import { type TopicPartition } from '../../src/client/topic-partition.ts'
import { OffsetMap } from '../../src/mirror-client/offset-map/offset-map.ts'
import { type PartitionMap } from '../../src/mirror-client/offset-map/partition-map.ts'
import { decodeOffsetSync } from '../../src/mirror-client/offset-sync.ts'
import { identified } from '../support/invariants.ts'
import { cleanedUpTo } from '../support/log-segments.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { type LoadedTopic, MixedLoad, type SentRecord } from '../support/mixed-load.ts'
import { cleanUpAfterFile, clusterTimeoutMs } from '../support/real-cluster.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const register = cleanUpAfterFile()

const topics: readonly LoadedTopic[] = [
  { topic: 'plain', partitions: 2, kind: 'plain' },
  { topic: 'transactional', partitions: 1, kind: 'transactional' },
  { topic: 'compacted', partitions: 1, kind: 'compacted' }
]
const names = topics.map(({ topic }) => topic)
const eagerlyCompacted = { 'cleanup.policy': 'compact', 'segment.ms': '500', 'min.cleanable.dirty.ratio': '0.001' }
const properties = {
  topics: names.join(),
  'A.consumer.isolation.level': 'read_committed',
  'B.offset.flush.interval.ms': '300',
  'offset.lag.max': '10'
}
const [syncsTopic, mapTopic] = ['mm2-offset-syncs.B.internal', 'mm2-offset-map.A.internal']

/** Keys of the compacted topic come again every few dozen records: of so many in a row most are removed. */
const surelyCompacted = 200n

/**
 * A mirror that is killed once it has stored positions, and another one that goes on, over records that were compacted away
 * meanwhile, and is stopped.
 */
async function mirrorUnderLoad({
  source,
  target,
  targetAdmin,
  sourceAdmin
}: MirroredPair): Promise<readonly SentRecord[]> {
  const load = await MixedLoad.start(source, topics, seededRandom())
  register(() => load.stop())
  const holds = async (topic: string, count: number): Promise<void> => {
    const held = (): Promise<number> => targetAdmin.offsetCount(topic).catch(() => 0)
    await expect.poll(held, { timeout: 60_000, message: topic }).toBeGreaterThan(count)
  }
  let mirror: LocalMirror = await startMirror(source, target, properties)
  await holds('mm2-offsets.A.internal', 0)
  await holds('A.plain', 500)
  await mirror.kill()
  const before = await targetAdmin.offsetCount('A.plain')
  const reached = (await sourceAdmin.logEnds('compacted'))[0]?.end ?? 0n
  const compacted = async (): Promise<boolean> => (await cleanedUpTo(source, 'compacted')) > reached + surelyCompacted
  await waitUntil('what nobody mirrored is compacted', compacted, { timeoutMs: 60_000 })
  mirror = await startMirror(source, target, properties)
  await holds('A.plain', before + 500)
  await load.stop()
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  expect(await complaints(mirror)).toEqual([])
  return load.sent
}

const of = <Item extends { readonly partition: number }>(items: readonly Item[], partition: number): Item[] =>
  items.filter((item) => item.partition === partition)

test(
  'the offset map has the place of every record, also after a kill -9, and the offset syncs are of records that are there',
  async () => {
    const pair = await startPair(
      { settings: { 'log.cleaner.backoff.ms': '100' } },
      { settings: { 'log.cleaner.enable': 'false' } }
    )
    for (const { topic, partitions, kind } of topics)
      await pair.sourceAdmin.createTopic(topic, partitions, kind === 'compacted' ? eagerlyCompacted : {})
    const sent = await mirrorUnderLoad(pair)
    const [onTarget, onSource] = await Promise.all([
      readTopics(pair.target, [mapTopic, ...names.map((topic) => `A.${topic}`)]),
      readTopics(pair.source, [syncsTopic, ...names], { 'isolation.level': 'read_committed' })
    ])
    const map = new OffsetMap({ onInvalid: (error) => expect.unreachable(error.message) })
    for (const { key, value } of onTarget.get(mapTopic) ?? []) map.apply(key, value)
    const reasons = new Set<string>()
    for (const place of topics.flatMap(partitionsOf)) {
      const known = map.partition(place.topic, place.partition)
      for (const { reason } of known?.holes() ?? []) reasons.add(reason)
      expectExact(known, place, { source: onSource, target: onTarget, sent })
    }
    expect(reasons).toContain('marker')
    expect(reasons).toContain('compaction')
    expectSyncs(onSource.get(syncsTopic) ?? [], sent, onTarget)
  },
  clusterTimeoutMs
)

interface Logs {
  readonly source: ReadonlyMap<string, readonly TopicRecord[]>
  readonly target: ReadonlyMap<string, readonly TopicRecord[]>
  readonly sent: readonly SentRecord[]
}

/** From any position nothing comes again that was read, and nothing is left out that the source still has. */
function expectExact(known: PartitionMap | undefined, { topic, partition }: TopicPartition, logs: Logs): void {
  const records = of(logs.source.get(topic) ?? [], partition).map(identified)
  const copies = of(logs.target.get(`A.${topic}`) ?? [], partition).map(identified)
  const lastSent = of(logs.sent, partition).findLast((record) => record.topic === topic)?.offset ?? -1n
  // What came last may not have been read when the mirror was stopped.
  const coveredTo = known?.coveredTo ?? 0n
  expect(coveredTo, `${topic}-${partition}`).toBeGreaterThan(lastSent / 2n)
  for (let upstreamOffset = 0n; upstreamOffset <= coveredTo; upstreamOffset++) {
    const what = `${topic}-${partition} at ${upstreamOffset}`
    const translated = known?.toTarget(upstreamOffset)
    expect(translated?.exact, what).toBe(true)
    const downstreamOffset = translated?.offset ?? -1n
    const judged = judgeTranslation(records, copies, { upstreamOffset, downstreamOffset })
    expect(judged, what).toMatchObject({ skipped: 0, reRead: 0 })
  }
}

function partitionsOf({ topic, partitions }: LoadedTopic): TopicPartition[] {
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
}

/** Each names a record of the source and where that is on the target. */
function expectSyncs(
  records: readonly TopicRecord[],
  sent: readonly SentRecord[],
  onTarget: ReadonlyMap<string, readonly TopicRecord[]>
): void {
  const syncs = records.map(({ key, value }) => decodeOffsetSync(key ?? Buffer.of(), value ?? Buffer.of()))
  const seen = new Set(syncs.map(({ topic, partition }) => `${topic}-${partition}`))
  expect(seen).toEqual(new Set(topics.flatMap(partitionsOf).map(({ topic, partition }) => `${topic}-${partition}`)))
  for (const { topic, partition, upstreamOffset, downstreamOffset } of syncs) {
    const record = of(sent, partition).find((each) => each.topic === topic && each.offset === upstreamOffset)
    const copy = of(onTarget.get(`A.${topic}`) ?? [], partition).find(({ offset }) => offset === downstreamOffset)
    expect(copy && identified(copy).identity, `${topic}-${partition} ${upstreamOffset}`).toBe(record?.identity)
  }
}
