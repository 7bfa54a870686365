/** Checkpoints of the whole program: exactly where each group goes on, and in the groups of the target. */
import { beforeAll, expect, it } from 'vitest'
import { commitPositions, committedPositions } from '../../dev/group-positions.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { readTopic } from '../../dev/local-kafka/topic-records.ts'
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
/** A mirror that follows a killed one joins its group when that one's session is over (10 s). */
const patience = { timeoutMs: 60_000 }

async function produceMore(count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => ({ value: `order ${String(next++)}` }))
  await produce('orders', messages)
}

const commit = (group: string, offset: bigint): Promise<void> =>
  commitPositions(source, group, [{ topic: 'orders', partition: 0, offset }])

/** Where a group of the target stands. */
async function standing(group: string): Promise<bigint | undefined> {
  return (await committedPositions(target, group))[0]?.offset
}

/** The record that the newest checkpoint of a group, for this position at the source, takes it to. */
async function nextRecord(group: string, upstream: bigint): Promise<string | undefined> {
  const checkpoints = await newestCheckpoints(target, 'A')
  const checkpoint = checkpoints.find((one) => one.consumerGroupId === group && one.upstreamOffset === upstream)
  const records = await readTopic(target, 'A.orders')
  return records.find(({ offset }) => offset === checkpoint?.downstreamOffset)?.value?.toString()
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
  await waitUntil(
    'the groups stand where they were',
    async () => {
      const offsets = await Promise.all(['lagging', 'with, a comma', 'at the end'].map(standing))
      return offsets.join() === '137,500,1000'
    },
    patience
  )
  expect(await complaints(mirror)).toEqual([])
  await mirror.kill()
  await produceMore(500)
  await commit('lagging', 900n)
  await commit('at the end', 1400n)
  const restarted = await startMirror(source, target, more)
  // Where depends on how much the kill had mirrored again.
  await waitUntil(
    'the groups stand further on',
    async () => {
      const [lagging = 0n, atTheEnd = 0n] = await Promise.all(['lagging', 'at the end'].map(standing))
      return lagging >= 900n && atTheEnd >= 1400n
    },
    patience
  )
  await waitUntil(
    'each is exactly where it was',
    async () => {
      const records = [await nextRecord('lagging', 900n), await nextRecord('at the end', 1400n)]
      return records.join() === 'order 900,order 1400'
    },
    patience
  )
  expect(await complaints(restarted)).toEqual([])
  expect(await restarted.stop()).toEqual({ code: 0, signal: null })
})
