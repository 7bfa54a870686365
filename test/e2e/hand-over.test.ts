import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { JavaMirrorMaker } from '../../dev/local-kafka/java-mirror-maker.ts'
import { kafkaJars } from '../../dev/local-kafka/kafka-jars.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
import { localMirrors, pairProperties } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { readAll } from '../support/read-all.ts'
import { cleanUpAfterFile, clusterTimeoutMs, temporaryDirectories } from '../support/real-cluster.ts'
import { plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const temporaryDirectory = temporaryDirectories()
const register = cleanUpAfterFile()
let pair: MirroredPair

const partitions = 3
/** A JVM that shares two cores with others. */
const patience = { timeoutMs: 90_000 }

beforeAll(async () => {
  pair = await startPair()
  for (const topic of ['handed', 'killed']) await pair.sourceAdmin.createTopic(topic, partitions)
}, clusterTimeoutMs)

/** What both programs understand, and what keeps Java's from doing more than mirror. */
function settings(topic: string, [from, to]: readonly [string, string]): Record<string, string> {
  return {
    topics: topic,
    'tasks.max': '2',
    [`${from}->${to}.emit.checkpoints.enabled`]: 'false',
    'sync.topic.acls.enabled': 'false'
  }
}

interface JavaOptions {
  readonly more: Readonly<Record<string, string>>
  readonly aliases?: readonly [string, string]
  readonly version?: string
}

async function startJava({ more, aliases = ['A', 'B'], version }: JavaOptions): Promise<JavaMirrorMaker> {
  const { source, target } = pair
  const java = await JavaMirrorMaker.start({
    jars: version === undefined ? target.jars : await kafkaJars(version),
    propertiesFile: join(await temporaryDirectory(), 'mm2.properties'),
    properties: pairProperties(source, target, more, aliases),
    clusters: [aliases[1]]
  })
  register(() => java.kill())
  return java
}

async function produce(topic: string, count: number): Promise<void> {
  const records = plainRecords(count).map((record, index) => ({ ...record, partition: index % partitions }))
  await produceRecords(pair.source, topic, records)
}

interface StoredPosition {
  readonly key: string
  readonly value: string
  /** Of the offsets topic. */
  readonly storedIn: number
}

/** In the order in which they were written, per partition of the offsets topic. */
async function storedPositions(alias: string): Promise<StoredPosition[]> {
  const records = await readTopic(pair.target, `mm2-offsets.${alias}.internal`)
  return records.map(({ key, value, partition }) => ({
    key: String(key),
    value: String(value),
    storedIn: partition
  }))
}

const keyOf = (alias: string, topic: string, partition: number): string =>
  `["MirrorSourceConnector",{"cluster":"${alias}","partition":${partition},"topic":"${topic}"}]`

const allPartitions = Array.from({ length: partitions }, (_, partition) => partition)

describe('Java MirrorMaker and this program, one after the other', () => {
  const more = settings('handed', ['A', 'B'])
  let writtenByJava: StoredPosition[]

  test('go on where the other has stopped, with no record lost or repeated', async () => {
    await produce('handed', 3_000)
    const java = await startJava({ more })
    await pair.arrived('A.handed', 3_000, patience)
    await java.stop()
    writtenByJava = await storedPositions('A')
    expect(writtenByJava.map(({ value }) => value)).toContain('{"offset":999}')

    await produce('handed', 3_000)
    const mirror = await startMirror(pair.source, pair.target, more)
    await pair.expectMirrored(['handed'])
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await pair.targetAdmin.offsetCount('A.handed')).toBe(6_000)
  }, 240_000)

  test('store positions under the same keys, in the same partitions, in the same form', async () => {
    const all = await storedPositions('A')
    expect(all.length).toBeGreaterThan(writtenByJava.length)
    const place = ({ key, storedIn }: StoredPosition): string => `${key} in ${storedIn}`
    expect(new Set(all.map(place))).toEqual(new Set(writtenByJava.map(place)))
    expect(new Set(all.map(({ key }) => key))).toEqual(new Set(allPartitions.map((p) => keyOf('A', 'handed', p))))
    const last = new Map(all.map(({ key, value }) => [key, value]))
    expect([...last.values()]).toEqual(allPartitions.map(() => '{"offset":1999}'))
  })

  test('do so the other way round', async () => {
    await produce('handed', 3_000)
    const java = await startJava({ more })
    await pair.arrived('A.handed', 9_000, patience)
    await java.stop()
    await pair.expectMirrored(['handed'])
    expect(await pair.targetAdmin.offsetCount('A.handed')).toBe(9_000)
  }, 240_000)
})

test('nothing is lost after a kill -9 of Java MirrorMaker 3.9.1, and only what it had not stored is repeated', async () => {
  const aliases = ['C', 'D'] as const
  const more = { ...settings('killed', aliases), 'D.offset.flush.interval.ms': '5000' }
  await produce('killed', 3_000)
  const java = await startJava({ more, aliases, version: '3.9.1' })
  await pair.arrived('C.killed', 3_000, patience)
  const hasStored = async (): Promise<boolean> => (await pair.targetAdmin.offsetCount('mm2-offsets.C.internal')) > 0
  await waitUntil('Java has stored positions', hasStored, patience)
  await produce('killed', 3_000)
  await pair.arrived('C.killed', 4_000, patience)
  await java.kill()

  const last = new Map((await storedPositions('C')).map(({ key, value }) => [key, value]))
  const mirroredByJava = await pair.targetAdmin.logEnds('C.killed')
  // Joins beside the worker that was killed, and is given its work once that one's session is over (10 s).
  await startMirror(pair.source, pair.target, more, { aliases: [...aliases] })
  const sent = await readAll(pair.source, 'killed')
  const expected = Array.from(sent, ([partition, records]) => {
    const { offset = -1 } = JSON.parse(last.get(keyOf('C', 'killed', partition)) ?? '{}') as { offset?: number }
    const byJava = records.slice(0, Number(mirroredByJava[partition]?.end))
    return [partition, [...byJava, ...records.slice(offset + 1)]] as const
  })
  await pair.arrived(
    'C.killed',
    expected.reduce((sum, [, records]) => sum + records.length, 0),
    patience
  )
  expect(await readAll(pair.target, 'C.killed')).toEqual(new Map(expected))
}, 240_000)
