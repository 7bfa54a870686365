/** Topics, groups and ACLs of the source change while records flow: the mirror follows, and no record is lost, doubled or late. */
import kafkajs from 'kafkajs'
import { beforeAll, expect, test } from 'vitest'
import { commitPositions, committedPositions } from '../../dev/group-positions.ts'
import { newestCheckpoints } from '../../dev/newest-checkpoints.ts'
import { aclsOf, allow, disallow, guarded } from '../support/access-control.ts'
import { createTopic, readIdentified, untilNothingIsMissing, withAdmin } from '../support/fault-run.ts'
import { compareMirrored } from '../support/invariants.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { MixedLoad, type SentRecord } from '../support/mixed-load.ts'
import { cleanUpAfterFile, clusterTimeoutMs } from '../support/real-cluster.ts'
import { faultSeed, seededRandom } from '../support/seeded-random.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const register = cleanUpAfterFile()
const patience = { timeoutMs: 60_000, intervalMs: 200 }
let pair: MirroredPair

beforeAll(async () => {
  pair = await startPair(guarded, guarded)
}, clusterTimeoutMs)

const everySecond = Object.fromEntries(
  [
    'refresh.topics.interval.seconds',
    'refresh.groups.interval.seconds',
    'emit.checkpoints.interval.seconds',
    'sync.group.offsets.interval.seconds',
    'sync.topic.configs.interval.seconds',
    'sync.topic.acls.interval.seconds'
  ].map((key) => [key, '1'])
)

async function startLoad(topic: string, partitions: number): Promise<MixedLoad> {
  const load = await MixedLoad.start(pair.source, [{ topic, partitions, kind: 'plain' }], seededRandom())
  register(() => load.stop())
  return load
}

async function alterConfig(topic: string, name: string, value: string): Promise<void> {
  const type = kafkajs.ConfigResourceTypes.TOPIC
  const resources = [{ type, name: topic, configEntries: [{ name, value }] }]
  await withAdmin(pair.source, (admin) => admin.alterConfigs({ validateOnly: false, resources }))
}

test(`partitions, settings, topics, groups and ACLs change under load, seed ${faultSeed}`, async () => {
  const { source, target, sourceAdmin, targetAdmin } = pair
  for (const topic of ['steady', 'growing', 'doomed']) await createTopic(source, { topic, partitions: 2 })
  const steady = await startLoad('steady', 2)
  const narrow = await startLoad('growing', 2)
  const doomed = await startLoad('doomed', 2)
  const mirror = await startMirror(source, target, {
    topics: 'steady, growing, doomed, born',
    'tasks.max': '2',
    'sync.group.offsets.enabled': 'true',
    ...everySecond
  })
  for (const topic of ['steady', 'growing', 'doomed']) await pair.arrived(`A.${topic}`, 50)

  // A topic that grows.
  await sourceAdmin.createPartitions('growing', 5)
  const wide = await startLoad('growing', 5)
  await waitUntil('A.growing has grown', async () => (await targetAdmin.partitionCount('A.growing')) === 5, patience)

  // Settings that change, and go back.
  await alterConfig('steady', 'retention.ms', '7200000')
  await waitUntil(
    'the setting is copied',
    async () => (await targetAdmin.ownConfigs('A.steady'))['retention.ms'] === '7200000',
    patience
  )

  // ACLs that are added are copied; ones that are taken away stay, as with the reference.
  await allow(source, { kind: 'topic', name: 'steady', operation: 'READ' }, 'alice')
  await allow(source, { kind: 'topic', name: 'steady', operation: 'WRITE' }, 'bob')
  await waitUntil('the ACL is copied', async () => (await aclsOf(target, 'A.steady')).length > 0, patience)
  expect(await aclsOf(target, 'A.steady')).toEqual(['User:alice READ'])
  await disallow(source, { kind: 'topic', name: 'steady', operation: 'READ' }, 'alice')
  await allow(source, { kind: 'topic', name: 'steady', operation: 'READ' }, 'carol')
  await waitUntil('the next ACL is copied', async () => (await aclsOf(target, 'A.steady')).length > 1, patience)
  expect((await aclsOf(target, 'A.steady')).sort()).toEqual(['User:alice READ', 'User:carol READ'])

  // Groups that appear and vanish.
  await commitPositions(source, 'guest', [{ topic: 'steady', partition: 0, offset: 20n }])
  await waitUntil(
    'the group is at B',
    async () => (await committedPositions(target, 'guest')).some(({ offset }) => offset === 20n),
    patience
  )
  await withAdmin(source, (admin) => admin.deleteGroups(['guest']))
  await commitPositions(source, 'successor', [{ topic: 'growing', partition: 1, offset: 10n }])
  await waitUntil(
    'the next group has a checkpoint',
    async () =>
      (await newestCheckpoints(target, 'A')).some(
        ({ consumerGroupId, downstreamOffset }) => consumerGroupId === 'successor' && downstreamOffset === 10n
      ),
    patience
  )

  // A topic that is deleted, and one that is created.
  await doomed.stop()
  await withAdmin(source, (admin) => admin.deleteTopics({ topics: ['doomed'] }))
  await createTopic(source, { topic: 'born', partitions: 3 })
  const born = await startLoad('born', 3)
  await waitUntil('the new topic arrives', async () => (await targetAdmin.offsetCount('A.born')) > 50, patience)

  await Promise.all([steady, narrow, wide, born].map((load) => load.stop()))
  await expectMirrored('steady', steady.sent)
  await expectMirrored('growing', [...narrow.sent, ...wide.sent])
  await expectMirrored('born', born.sent)
  expect(await mirror.stop()).toEqual({ code: 0, signal: null })
  // That a topic is gone may be said; nothing else is out of order.
  const warnings = (await complaints(mirror)).map((line) => JSON.stringify(line))
  expect(warnings.filter((line) => !line.includes('doomed'))).toEqual([])
  expect(warnings.length).toBeLessThanOrEqual(2)
}, 300_000)

async function expectMirrored(topic: string, sent: readonly SentRecord[]): Promise<void> {
  await untilNothingIsMissing(sent, pair.target, `A.${topic}`, patience)
  const { missing, replays, faults } = compareMirrored(sent, await readIdentified(pair.target, `A.${topic}`))
  expect({ missing, replays, faults }, topic).toEqual({ missing: [], replays: [], faults: [] })
}
