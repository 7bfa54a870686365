import { beforeAll, describe, expect, test } from 'vitest'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { storedBatches } from '../support/log-segments.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { allCodecs, awkwardRecords, plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
let pair: MirroredPair
let mirror: LocalMirror

const codecTopics = allCodecs.map((codec) => `in-codec-${codec}`)
const wideTopic = { name: 'in-wide', partitions: 40 }
const compacted = { 'cleanup.policy': 'compact', 'retention.ms': '7200000', 'max.message.bytes': '2000000' }

/** Both directions at once, three tasks each. */
const properties = {
  'tasks.max': '3',
  'A->B.topics': 'in-.*, EXACT',
  'A->B.topics.exclude': '.*-secret, .*[\\-\\.]internal',
  'B->A.enabled': 'true'
}

beforeAll(async () => {
  pair = await startPair()
  const { source, sourceAdmin, targetAdmin } = pair
  for (const topic of codecTopics) await sourceAdmin.createTopic(topic, 2)
  await sourceAdmin.createTopic(wideTopic.name, wideTopic.partitions)
  await sourceAdmin.createTopic('in-empty', 3)
  await sourceAdmin.createTopic('in-compacted', 1, { ...compacted, 'min.insync.replicas': '1' })
  await sourceAdmin.createTopic('in-growing', 1)
  for (const topic of ['EXACT', 'exact', 'in-secret', 'in-x.internal', 'other', 'heartbeats']) {
    await sourceAdmin.createTopic(topic)
  }
  await targetAdmin.createTopic('native')
  const onePerTopic = ['EXACT', 'exact', 'in-secret', 'in-x.internal', 'other', 'heartbeats', 'in-growing'].map(
    (topic) => ({ topic, key: topic, value: 'v' })
  )
  const wide = plainRecords(4_000).map((record, index) => ({
    ...record,
    topic: wideTopic.name,
    partition: index % wideTopic.partitions
  }))
  await Promise.all([
    produceRecords(source, 'in-compacted', [...onePerTopic, ...wide, ...plainRecords(20)]),
    produceRecords(pair.target, 'native', plainRecords(100))
  ])
  for (const [index, codec] of allCodecs.entries()) {
    const records = [...awkwardRecords(), ...plainRecords(2_000, 200, 0), ...awkwardRecords(1)]
    await produceRecords(source, codecTopics[index] ?? '', records, { compression: codec })
  }
  mirror = await startMirror(source, pair.target, properties)
}, clusterTimeoutMs)

describe('mirroring both ways between two clusters', () => {
  test('brings awkward records of every codec over byte for byte, and many partitions, each in order', async () => {
    await pair.expectMirrored([...codecTopics, wideTopic.name, 'EXACT', 'in-compacted'])
    for (const [index, codec] of allCodecs.entries()) {
      const topic = codecTopics[index] ?? ''
      const [sent, stored] = [await storedBatches(pair.source, topic), await storedBatches(pair.target, `A.${topic}`)]
      expect(new Set(stored.map((batch) => batch.codec))).toEqual(new Set([codec]))
      if (codec === 'none') continue
      const payloads = (batches: typeof sent): Buffer => Buffer.concat(batches.map(({ payload }) => payload))
      expect(payloads(stored).equals(payloads(sent)), `${codec} was not compressed anew`).toBe(true)
    }
  })

  test('gives every remote topic the partitions of its source, an empty one too', async () => {
    const { targetAdmin } = pair
    expect(await targetAdmin.partitionCount(`A.${wideTopic.name}`)).toBe(wideTopic.partitions)
    expect(await targetAdmin.partitionCount('A.in-empty')).toBe(3)
    expect(await targetAdmin.offsetCount('A.in-empty')).toBe(0)
  })

  test('lets a compacted topic arrive compacted, with the other settings of its own but those excluded', async () => {
    expect(await pair.targetAdmin.ownConfigs('A.in-compacted')).toEqual(compacted)
    expect(await pair.targetAdmin.ownConfigs('A.in-empty')).toEqual({})
  })

  test('mirrors a topic that is created, and partitions that are added, while it runs', async () => {
    const { source, sourceAdmin } = pair
    await sourceAdmin.createPartitions('in-growing', 4)
    await sourceAdmin.createTopic('in-late', 2)
    const growing = plainRecords(400).map((record, index) => ({
      ...record,
      topic: index % 8 < 4 ? 'in-growing' : 'in-late',
      partition: index % 8 < 4 ? index % 4 : index % 2
    }))
    await produceRecords(source, 'in-late', growing)
    await pair.expectMirrored(['in-growing', 'in-late'])
    expect(await pair.targetAdmin.partitionCount('A.in-growing')).toBe(4)
  })

  test('mirrors what the patterns select and heartbeats besides, and nothing round in a cycle', async () => {
    const { source, sourceAdmin, target, targetAdmin } = pair
    await waitUntil('the native topic of B is on A', async () => (await sourceAdmin.offsetCount('B.native')) === 100)
    await waitUntil('heartbeats are on B', async () => (await targetAdmin.offsetCount('A.heartbeats')) === 1)
    // A topic made last on either side: once it is mirrored, whatever else the routes want has been seen too.
    await Promise.all([sourceAdmin.createTopic('in-last'), targetAdmin.createTopic('last')])
    await Promise.all([
      produceRecords(source, 'in-last', [{ key: 'k' }]),
      produceRecords(target, 'last', [{ key: 'k' }])
    ])
    await waitUntil('the last topics have crossed', async () => {
      return (await sourceAdmin.offsetCount('B.last')) === 1 && (await targetAdmin.offsetCount('A.in-last')) === 1
    })
    const selected = ['EXACT', 'in-compacted', 'in-empty', 'in-growing', 'in-last', 'in-late', 'in-wide', 'heartbeats']
    const remote = [...codecTopics, ...selected, 'checkpoints.internal'].map((topic) => `A.${topic}`)
    expect((await targetAdmin.topics()).filter((topic) => topic.startsWith('A.'))).toEqual(remote.sort())
    const remoteOfB = ['B.checkpoints.internal', 'B.last', 'B.native']
    expect((await sourceAdmin.topics()).filter((topic) => topic.startsWith('B.'))).toEqual(remoteOfB)
    expect(await sourceAdmin.offsetCount('B.native')).toBe(100)
    expect(await targetAdmin.offsetCount('native')).toBe(100)
  })

  test('stops cleanly and has nothing to complain of', async () => {
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await complaints(mirror)).toEqual([])
  })

  test('goes on after a restart where it stopped', async () => {
    const { source, target, targetAdmin } = pair
    const before = await targetAdmin.offsetCount(`A.${wideTopic.name}`)
    const again = await startMirror(source, target, properties)
    await produceRecords(source, wideTopic.name, plainRecords(100, 100, 7))
    await pair.expectMirrored([wideTopic.name])
    expect(await targetAdmin.offsetCount(`A.${wideTopic.name}`)).toBe(before + 100)
    expect(await again.stop()).toEqual({ code: 0, signal: null })
  })
})

describe('replication policies', () => {
  test('names remote topics with the separator that is set', async () => {
    const { source, target } = pair
    const settings = { topics: 'in-growing, EXACT', 'replication.policy.separator': '__' }
    const other = await startMirror(source, target, settings, { aliases: ['left', 'right'] })
    await pair.expectMirrored(['in-growing', 'EXACT'], { remoteName: (topic) => `left__${topic}` })
    expect(await other.stop()).toEqual({ code: 0, signal: null })
  })

  test('keeps names under the identity policy, but not that of heartbeats', async () => {
    const { source, target, targetAdmin } = pair
    const settings = {
      topics: 'in-growing',
      'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy'
    }
    const other = await startMirror(source, target, settings, { aliases: ['here', 'there'] })
    await pair.expectMirrored(['in-growing'], { remoteName: (topic) => topic })
    await waitUntil('heartbeats arrive', async () => (await targetAdmin.offsetCount('here.heartbeats')) === 1)
    expect(await other.stop()).toEqual({ code: 0, signal: null })
  })
})
