/**
 * Unplanned failover, whole: consumers at A that commit at random and lag, a mirror that is killed and restarted meanwhile,
 * the end of A, and consumers that go on at B. Nothing that was unread is skipped, and no translation makes them read again.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { newestCheckpoints } from '../../dev/newest-checkpoints.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { readTopics } from '../../dev/local-kafka/topic-records.ts'
import { type Judgement, judgeTranslation } from '../../dev/translation-judge.ts'
import { RemoteClusterUtils } from '../../src/mirror-client/remote-cluster-utils.ts'
import { type Checkpoint } from '../../src/mirror-client/checkpoint.ts'
import {
  type ConsumerApplication,
  startJavaApplication,
  startKafkajsApplication
} from '../support/consumer-application.ts'
import { createTopic, lasts, recordCount, untilNothingIsMissing } from '../support/fault-run.ts'
import { committedPositions } from '../../dev/group-positions.ts'
import { type IdentifiedRecord, identified } from '../support/invariants.ts'
import { localMirrors } from '../support/mirror-pair.ts'
import { type LoadedTopic, MixedLoad } from '../support/mixed-load.ts'
import { cleanUpAfterFile, realClusters } from '../support/real-cluster.ts'
import { faultSeed, type SeededRandom, seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
const register = cleanUpAfterFile()

const topics: readonly LoadedTopic[] = [
  { topic: 'plain', partitions: 4, kind: 'plain' },
  { topic: 'transactional', partitions: 2, kind: 'transactional' },
  { topic: 'compacted', partitions: 2, kind: 'compacted' }
]
const eagerlyCompacted = { 'cleanup.policy': 'compact', 'segment.ms': '1000', 'min.cleanable.dirty.ratio': '0.001' }
const groups = ['live', 'live-newer-protocol', 'lagging', 'lagging-newer-protocol']
const patience = { timeoutMs: 60_000, intervalMs: 200 }
const names = topics.map(({ topic }) => topic)
const identityPolicy = 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy'

const properties = {
  topics: names.join(),
  'tasks.max': '2',
  'emit.checkpoints.interval.seconds': '1',
  'refresh.groups.interval.seconds': '1',
  'sync.group.offsets.enabled': 'true',
  'sync.group.offsets.interval.seconds': '1',
  'B.offset.flush.interval.ms': '2000'
}

const cases = [
  { policy: 'Default', isolation: 'read_uncommitted' },
  { policy: 'Default', isolation: 'read_committed' },
  { policy: 'Identity', isolation: 'read_committed' }
] as const

test.each(cases)(
  `$policy policy, $isolation: consumers go on exactly behind their newest checkpoints, seed ${faultSeed}`,
  async ({ policy, isolation }) => {
    const random = seededRandom()
    const ofPolicy: Record<string, string> = policy === 'Identity' ? { 'replication.policy.class': identityPolicy } : {}
    const remote = (topic: string): string => (policy === 'Default' ? `A.${topic}` : topic)
    const [source, target] = await Promise.all([
      startCluster({ settings: { 'log.cleaner.backoff.ms': '100' } }),
      // What compaction removed here could not be missed by the judge.
      startCluster({ settings: { 'log.cleaner.enable': 'false' } })
    ])
    onTestFinished(async () => {
      await Promise.all([source.destroy(), target.destroy()])
    })
    for (const { topic, partitions, kind } of topics) {
      await createTopic(source, { topic, partitions, configs: kind === 'compacted' ? eagerlyCompacted : {} })
    }
    const load = await MixedLoad.start(source, topics, random)
    register(() => load.stop())
    const applications = await startApplications(source, random)
    for (const group of groups) {
      const hasCommitted = async (): Promise<boolean> => (await committedPositions(source, group)).length > 0
      await waitUntil(`${group} has committed`, hasCommitted, patience)
    }

    const start = (): ReturnType<typeof startMirror> =>
      startMirror(source, target, {
        ...properties,
        'A.consumer.isolation.level': isolation,
        ...ofPolicy
      })
    let mirror = await start()
    onTestFailed(async () => {
      console.info(
        (await mirror.log())
          .slice(-40)
          .map((line) => JSON.stringify(line))
          .join('\n')
      )
    })
    const progresses = async (): Promise<void> => {
      const count = (): Promise<number> => recordCount(target, remote('plain')).catch(() => 0)
      const before = await count()
      await waitUntil('records arrive', async () => (await count()) > before + 200, patience)
    }
    for (let ends = 0; ends < 5; ends++) {
      await progresses()
      await lasts(random.between(200, 3_000))
      await (ends === 2 ? mirror.stop() : mirror.kill())
      mirror = await start()
    }
    // What was mirrored in the second before a kill is in no map until the restarted mirror repeats it: so A ends after that only.
    await progresses()
    const sent = load.sent.filter(({ topic }) => topic === 'plain')
    await untilNothingIsMissing(sent, target, remote('plain'), patience)
    // Checkpoints and group sync catch up too, and then follow the load.
    await lasts(random.between(3_000, 6_000))

    await source.broker(1).kill()
    await Promise.all([...applications.map((application) => application.stop()), load.stop()])
    console.info(`A ended at ${new Date().toISOString()}`)
    const checkpoints = await settledCheckpoints(target)
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })

    const logs = await logsOf(source, target, { load, isolation, remote })
    const judged = checkpoints.map((checkpoint) => judge(checkpoint, logs))
    console.info(`${policy}, ${isolation}: ${summary(judged)}; ${repeats(logs)} records repeated at B after kills`)
    expect(judged.reduce((sum, { goneOn }) => sum + goneOn, 0)).toBeGreaterThan(1_000)
    expect(judged.filter(({ skipped, reRead }) => skipped > 0 || reRead > 0)).toEqual([])
    expect(new Set(checkpoints.map(({ consumerGroupId }) => consumerGroupId))).toEqual(new Set(groups))
    await expectToGoOn(target, judged, logs)
    await expectLibraryToAgree(target, ofPolicy, judged)
  },
  600_000
)

/** Two that go on until A ends, and two that left A long before. */
async function startApplications(source: LocalCluster, random: SeededRandom): Promise<ConsumerApplication[]> {
  const of = (group: string, records?: number) => ({
    ...{ group, topics: names, random },
    ...(records === undefined ? {} : { records })
  })
  const applications = [
    await startKafkajsApplication(source, of('live')),
    await startJavaApplication(source, of('live-newer-protocol')),
    await startKafkajsApplication(source, of('lagging', 700)),
    await startJavaApplication(source, of('lagging-newer-protocol', 500))
  ]
  for (const application of applications) register(() => application.stop())
  return applications
}

/**
 * Once nothing moves any more, since the map is a second behind what was mirrored, and checkpoints a second behind the map, and
 * group sync has brought every group where its newest checkpoint is.
 */
async function settledCheckpoints(target: LocalCluster): Promise<Checkpoint[]> {
  let before: readonly Checkpoint[] = []
  return await waitUntil(
    'the groups of B are at their checkpoints',
    async () => {
      const checkpoints = await newestCheckpoints(target, 'A')
      const hasMoved = !isDeepStrictEqual(checkpoints, before)
      before = checkpoints
      if (hasMoved) throw new Error('there are new checkpoints')
      for (const { consumerGroupId, topic, partition, downstreamOffset } of checkpoints) {
        const positions = await committedPositions(target, consumerGroupId)
        const offset = positions.find((one) => one.topic === topic && one.partition === partition)?.offset
        if (offset === downstreamOffset) continue
        throw new Error(`${consumerGroupId} ${topic}-${partition}: ${offset} instead of ${downstreamOffset}`)
      }
      return checkpoints
    },
    { ...patience, intervalMs: 5_000 }
  )
}

/** By remote topic and partition. */
interface Logs {
  /** Everything that A acknowledged, and everything else that it still has. */
  readonly source: ReadonlyMap<string, IdentifiedRecord[]>
  readonly target: ReadonlyMap<string, IdentifiedRecord[]>
  /** What A still has, by identity: what it compacted away, its own consumers would not have got either. */
  readonly kept: ReadonlySet<string>
}

interface Run {
  readonly load: MixedLoad
  readonly isolation: 'read_uncommitted' | 'read_committed'
  readonly remote: (topic: string) => string
}

/** A is started again for it. */
async function logsOf(source: LocalCluster, target: LocalCluster, { load, isolation, remote }: Run): Promise<Logs> {
  await source.startAll()
  const left = await readTopics(source, names)
  const mirrored = await readTopics(target, names.map(remote))
  const sent = load.sent
    .filter(({ isCommitted }) => isCommitted || isolation === 'read_uncommitted')
    .map((record) => [`${remote(record.topic)}-${record.partition}`, record] as const)
  return {
    source: grouped(sent),
    target: grouped(
      [...mirrored].flatMap(([topic, records]) =>
        records.map((record) => [`${topic}-${record.partition}`, identified(record)] as const)
      )
    ),
    kept: new Set([...left.values()].flat().map((record) => identified(record).identity))
  }
}

function grouped(entries: readonly (readonly [string, IdentifiedRecord])[]): Map<string, IdentifiedRecord[]> {
  const groups = new Map<string, IdentifiedRecord[]>()
  for (const [key, record] of entries) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [record])
    else group.push(record)
  }
  return groups
}

interface Judged extends Judgement {
  readonly checkpoint: Checkpoint
  /** The group was ahead of the mirror: it had read behind the last record that has come to B. */
  readonly isAhead: boolean
}

function judge(checkpoint: Checkpoint, { source, target, kept }: Logs): Judged {
  const { topic, partition, upstreamOffset } = checkpoint
  const name = `${topic}-${partition}`
  const ledger = (source.get(name) ?? []).filter(
    ({ offset, identity }) => offset < upstreamOffset || kept.has(identity)
  )
  const log = target.get(name) ?? []
  const mirrored = new Set(log.map(({ identity }) => identity))
  const sent = source.get(name) ?? []
  const lastMirrored = sent.findLast(({ identity }) => mirrored.has(identity))?.offset ?? -1n
  const isAhead = sent.some(({ offset }) => offset < upstreamOffset && offset > lastMirrored)
  return { checkpoint, isAhead, ...judgeTranslation(ledger, log, checkpoint) }
}

function summary(judged: readonly Judged[]): string {
  const sum = (of: (one: Judged) => number): number => judged.reduce((total, one) => total + of(one), 0)
  return [
    `${judged.length} positions before ${sum(({ goneOn }) => goneOn)} records`,
    `${sum(({ skipped }) => skipped)} records skipped`,
    `${sum(({ reRead }) => reRead)} re-read by translation`,
    `${sum(({ duplicates }) => duplicates)} duplicates behind the positions`,
    `${judged.filter(({ isAhead }) => isAhead).length} positions ahead of the mirror`,
    `${sum(({ notMirrored }) => notMirrored)} not mirrored when A ended`
  ].join(', ')
}

function repeats({ target }: Logs): number {
  const perLog = [...target.values()].map((records) => {
    return records.length - new Set(records.map(({ identity }) => identity)).size
  })
  return perLog.reduce((sum, count) => sum + count, 0)
}

/** Applications with the same groups at B begin at the first record behind their checkpoints. */
async function expectToGoOn(target: LocalCluster, judged: readonly Judged[], { target: logs }: Logs): Promise<void> {
  for (const group of groups) {
    const own = judged.map(({ checkpoint }) => checkpoint).filter(({ consumerGroupId }) => consumerGroupId === group)
    const topicsOfGroup = [...new Set(own.map(({ topic }) => topic))]
    const expected = own.flatMap(({ topic, partition, downstreamOffset }) => {
      const name = `${topic}-${partition}`
      const first = logs.get(name)?.find(({ offset }) => offset >= downstreamOffset)
      return first === undefined ? [] : [[name, first.offset] as const]
    })
    const start = group.endsWith('newer-protocol') ? startJavaApplication : startKafkajsApplication
    const application = await start(target, { group, topics: topicsOfGroup, random: seededRandom() })
    register(() => application.stop())
    await waitUntil(
      `${group} has gone on everywhere`,
      () => expected.every(([name]) => application.firstRead().has(name)),
      patience
    )
    await application.stop()
    const begun = application.firstRead()
    expect(expected.map(([name]) => [name, begun.get(name)])).toEqual(expected)
  }
}

/** What an application is told that asks instead of relying on group sync: the same positions, and whether they are exact. */
async function expectLibraryToAgree(
  target: LocalCluster,
  policy: Record<string, string>,
  judged: readonly Judged[]
): Promise<void> {
  const config = { brokers: target.bootstrapServers.split(','), 'source.cluster.alias': 'A', ...policy }
  for (const group of groups) {
    const own = judged.filter(({ checkpoint }) => checkpoint.consumerGroupId === group)
    const offsets = await RemoteClusterUtils.translateOffsets(config, 'A', group, 30_000)
    expect(offsets.size, group).toBe(own.length)
    for (const { checkpoint, isAhead } of own) {
      const { topic, partition, upstreamOffset, downstreamOffset: offset } = checkpoint
      const expected = { topic, partition, upstreamOffset, offset, ...(isAhead ? {} : { exact: true }) }
      expect(offsets.get(topic, partition), group).toMatchObject(expected)
    }
  }
}
