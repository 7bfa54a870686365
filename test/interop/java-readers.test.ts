/** Topics of a mirror are read alike by the reference's library and formatters and by ours, whichever program wrote them. */
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { commitPositions } from '../../dev/group-positions.ts'
import { JavaMirrorMaker } from '../../dev/local-kafka/java-mirror-maker.ts'
import { runJavaProgram } from '../../dev/local-kafka/java-programs.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { newestCheckpoints } from '../../dev/newest-checkpoints.ts'
import { type Checkpoint, decodeCheckpoint } from '../../src/mirror-client/checkpoint.ts'
import { formatCheckpoint, formatHeartbeat, formatOffsetSync } from '../../src/mirror-client/formatters.ts'
import { decodeHeartbeat } from '../../src/mirror-client/heartbeat.ts'
import { MirrorClient } from '../../src/mirror-client/mirror-client.ts'
import { decodeOffsetSync, type OffsetSync } from '../../src/mirror-client/offset-sync.ts'
import { OffsetSyncStore } from '../../src/mirror-client/offset-sync-store.ts'
import { localMirrors, pairProperties } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { cleanUpAfterFile, clusterTimeoutMs, temporaryDirectories } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

type Program = 'this program' | 'Java'
type Aliases = readonly [string, string]

const startPair = mirroredPairs()
const startOurs = localMirrors()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()
let pair: MirroredPair

const topic = 'orders'
const partitions = 3
const groups = ['early', 'late']
const testTimeoutMs = 300_000
/** A JVM that shares two cores with others. */
const patience = { timeoutMs: 120_000, intervalMs: 1_000 }

beforeAll(async () => {
  pair = await startPair()
  await createWithGroups(topic)
  await produce(topic, 900)
}, clusterTimeoutMs)

async function createWithGroups(name: string): Promise<void> {
  await pair.sourceAdmin.createTopic(name, partitions)
  const at = (offsets: readonly bigint[], metadata = '') =>
    offsets.map((offset, partition) => ({ topic: name, partition, offset, metadata }))
  await commitPositions(pair.source, 'early', at([7n, 123n]))
  await commitPositions(pair.source, 'late', at([299n, 280n, 250n], 'größe, {a=1}'))
}

async function produce(to: string, count: number): Promise<void> {
  const records = plainRecords(count).map((record, index) => ({ ...record, partition: index % partitions }))
  await produceRecords(pair.source, to, records, { settings: { 'batch.size': '1000' } })
}

async function start(
  program: Program,
  aliases: Aliases,
  more: Readonly<Record<string, string>>
): Promise<() => Promise<unknown>> {
  const { source, target } = pair
  const properties = {
    topics: topic,
    'sync.topic.acls.enabled': 'false',
    'emit.checkpoints.interval.seconds': '1',
    'offset.lag.max': '10',
    ...more
  }
  if (program === 'this program') {
    const ours = await startOurs(source, target, properties, { aliases: [...aliases] })
    return async () => await ours.stop()
  }
  const java = await JavaMirrorMaker.start({
    jars: target.jars,
    propertiesFile: join(await temporaryDirectory(), 'mm2.properties'),
    properties: pairProperties(source, target, properties, aliases)
  })
  register(() => java.kill())
  return async () => await java.stop()
}

async function checkpointsOf(alias: string, count: number): Promise<Checkpoint[]> {
  return await waitUntil(
    `${alias} has ${count} checkpoints`,
    async () => {
      const checkpoints = await newestCheckpoints(pair.target, alias)
      if (checkpoints.length < count) throw new Error(`there are ${checkpoints.length}`)
      return checkpoints
    },
    patience
  )
}

/** In the words of the Java program. */
async function answersOfOurs(alias: string): Promise<string[]> {
  const client = new MirrorClient({ 'bootstrap.servers': pair.target.bootstrapServers })
  try {
    const answers = [
      `replicationHops ${await client.replicationHops(alias)}`,
      `heartbeatTopics ${listed(await client.heartbeatTopics())}`,
      `checkpointTopics ${listed(await client.checkpointTopics())}`,
      `upstreamClusters ${listed(await client.upstreamClusters())}`
    ]
    for (const group of groups) {
      const offsets = [...(await client.remoteConsumerOffsets(group, alias, 10_000))].map(
        ({ topic: remote, partition, offset, metadata }) => `${remote}-${partition}=${offset}/${metadata}`
      )
      answers.push(`translateOffsets ${group} {${offsets.join(', ')}}`)
    }
    return answers
  } finally {
    await client.close()
  }
}

function listed(names: ReadonlySet<string>): string {
  return `[${[...names].sort().join(', ')}]`
}

async function java(...args: string[]): Promise<string[]> {
  const { stdout } = await runJavaProgram(pair.target.jars, 'MirrorReaders', args)
  return stdout.trimEnd().split('\n')
}

const none = Buffer.alloc(0)
const formats = {
  checkpoints: (key: Buffer, value: Buffer) => formatCheckpoint(decodeCheckpoint(key, value)),
  heartbeats: (key: Buffer, value: Buffer) => formatHeartbeat(decodeHeartbeat(key, value)),
  'offset-syncs': (key: Buffer, value: Buffer) => formatOffsetSync(decodeOffsetSync(key, value))
}

async function expectSameLines(
  at: 'source' | 'target',
  kind: keyof typeof formats,
  internalTopic: string
): Promise<void> {
  const cluster = pair[at]
  const records = await readTopic(cluster, internalTopic)
  const ours = records.map(({ key, value }) => formats[kind](key ?? none, value ?? none))
  expect(ours.length, internalTopic).toBeGreaterThan(0)
  expect(await java('lines', cluster.bootstrapServers, kind, internalTopic)).toEqual(ours)
}

describe.each([
  ['this program', ['A', 'B'], topic],
  // Java's checkpoint task uses no sync that was there before it: records come once it runs.
  ['Java', ['C', 'D'], 'orders-later']
] as const)('what %s has written', (program, aliases, mirrored) => {
  const [from, to] = aliases

  test(
    'both libraries answer alike, and both formatters print alike',
    async () => {
      const isLater = mirrored !== topic
      if (isLater) await createWithGroups(mirrored)
      const stop = await start(program, aliases, {
        topics: mirrored,
        [`${from}->${to}.emit.heartbeats.enabled`]: 'true',
        [`${to}->${from}.emit.heartbeats.enabled`]: 'true'
      })
      await waitUntil(
        'heartbeats have come round',
        async () => (await pair.targetAdmin.offsetCount(`${from}.heartbeats`)) > 2,
        patience
      )
      if (isLater) await produce(mirrored, 900)
      await checkpointsOf(from, 5)
      await stop()
      const answers = await answersOfOurs(from)
      expect(answers).toContain('replicationHops 1')
      const { bootstrapServers } = pair.target
      expect(await java('answers', bootstrapServers, from, groups.join())).toEqual(answers)
      await expectSameLines('target', 'checkpoints', `${from}.checkpoints.internal`)
      await expectSameLines('target', 'heartbeats', `${from}.heartbeats`)
      await expectSameLines('source', 'offset-syncs', `mm2-offset-syncs.${to}.internal`)
    },
    testTimeoutMs
  )
})

describe.each([
  ['this program', 'Java', ['E', 'F']],
  ['Java', 'this program', ['G', 'H']]
] as const)('offset syncs of %s', (writer, reader, aliases) => {
  const [from, to] = aliases

  test(
    `lead ${reader} to the checkpoints of the reference's rule`,
    async () => {
      const stopWriter = await start(writer, aliases, { [`${from}->${to}.emit.checkpoints.enabled`]: 'false' })
      await pair.arrived(`${from}.${topic}`, 900, patience)
      await stopWriter()
      const syncs = await offsetSyncs(`mm2-offset-syncs.${to}.internal`)
      expect(new Set(syncs.map(({ partition }) => partition)).size).toBe(partitions)
      const stopReader = await start(reader, aliases, {})
      const expected = expectedCheckpoints(syncs, from)
      expect(await checkpointsOf(from, expected.length)).toEqual(expect.arrayContaining(expected))
      await stopReader()
    },
    testTimeoutMs
  )
})

async function offsetSyncs(internalTopic: string): Promise<OffsetSync[]> {
  const records = await readTopic(pair.source, internalTopic)
  return records.map(({ key, value }) => decodeOffsetSync(key ?? none, value ?? none))
}

/** Of the group that lags; where the other stands, what the new mirror writes itself may say more. */
function expectedCheckpoints(syncs: readonly OffsetSync[], from: string): unknown[] {
  const store = new OffsetSyncStore({ mustReadToEnd: false })
  for (const sync of syncs) store.apply(sync)
  store.loaded()
  return [7n, 123n].flatMap((upstreamOffset, partition) => {
    const downstreamOffset = store.translate(topic, partition, upstreamOffset) ?? -1n
    if (downstreamOffset < 0n) return []
    const expected = {
      consumerGroupId: 'early',
      topic: `${from}.${topic}`,
      partition,
      upstreamOffset,
      downstreamOffset
    }
    return [expect.objectContaining(expected) as unknown]
  })
}
