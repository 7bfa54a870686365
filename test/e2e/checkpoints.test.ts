/** Checkpoints of the whole program: exactly where each group goes on, and in the groups of the target. */
import { beforeAll, expect, it } from 'vitest'
import { commitPositions, committedPositions } from '../../dev/group-positions.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { readTopic, type TopicRecord } from '../../dev/local-kafka/topic-records.ts'
import { newestCheckpoints } from '../../dev/newest-checkpoints.ts'
import { clusterAdmins } from '../support/cluster-admin.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { plainProducers, type Produce } from '../support/plain-producer.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const startMirror = localMirrors()
const startAdmin = clusterAdmins()
const startProducer = plainProducers()

let source: LocalCluster
let target: LocalCluster
let produce: Produce

beforeAll(async () => {
  ;[source, target] = await Promise.all([startCluster(), startCluster()])
  await (await startAdmin(source)).createTopic('orders', 1)
  produce = await startProducer(source)
}, clusterTimeoutMs)

let next = 0

async function produceMore(count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => ({ value: `order ${String(next++)}` }))
  await produce('orders', messages)
}

const commit = (group: string, offset: bigint): Promise<void> =>
  commitPositions(source, group, [{ topic: 'orders', partition: 0, offset }])

/** What the newest checkpoint of a group takes it to, by the records of both logs. */
async function nextRecord(
  group: string,
  upstream: bigint
): Promise<{ readonly at: string | null; readonly offset: bigint }> {
  const checkpoint = await waitUntil(`${group} has a checkpoint for ${upstream}`, async () =>
    (await newestCheckpoints(target, 'A')).find(
      ({ consumerGroupId, upstreamOffset }) => consumerGroupId === group && upstreamOffset === upstream
    )
  )
  return {
    at: valueAt(await readTopic(target, 'A.orders'), checkpoint.downstreamOffset),
    offset: checkpoint.downstreamOffset
  }
}

function valueAt(records: readonly TopicRecord[], offset: bigint): string | null {
  return records.find((record) => record.offset === offset)?.value?.toString() ?? null
}

it('groups go on exactly where they were, after a kill and its repeats too, and stand there at the target', async () => {
  const more = {
    ...{ 'emit.checkpoints.interval.seconds': '1', 'refresh.groups.interval.seconds': '1' },
    ...{ 'sync.group.offsets.enabled': 'true', 'sync.group.offsets.interval.seconds': '1' },
    'A->B.tasks.max': '2'
  }
  await produceMore(1000)
  await commit('lagging', 137n)
  await commit('with, a comma', 500n)
  await commit('at the end', 1000n)
  const mirror = await startMirror(source, target, more)
  expect(await nextRecord('lagging', 137n)).toEqual({ at: 'order 137', offset: 137n })
  expect(await nextRecord('with, a comma', 500n)).toEqual({ at: 'order 500', offset: 500n })
  expect(await nextRecord('at the end', 1000n)).toEqual({ at: null, offset: 1000n })
  await waitUntil(
    'the groups stand there',
    async () => (await committedPositions(target, 'with, a comma'))[0]?.offset === 500n
  )

  expect(await complaints(mirror)).toEqual([])
  await mirror.kill()
  await produceMore(500)
  await commit('lagging', 900n)
  await commit('at the end', 1400n)
  const restarted = await startMirror(source, target, more)
  expect((await nextRecord('lagging', 900n)).at).toBe('order 900')
  const { at, offset } = await waitUntil('the map covers what is new', async () => {
    const found = await nextRecord('at the end', 1400n)
    return found.at === 'order 1400' ? found : undefined
  })
  expect(at).toBe('order 1400')
  await waitUntil(
    'the group stands there',
    async () => (await committedPositions(target, 'at the end'))[0]?.offset === offset
  )
  expect(await complaints(restarted)).toEqual([])
  expect(await restarted.stop()).toEqual({ code: 0, signal: null })
})
