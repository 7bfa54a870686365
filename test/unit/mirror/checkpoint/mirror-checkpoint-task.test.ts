import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { DefaultReplicationPolicy } from '../../../../src/mirror-client/default-replication-policy.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { PartitionMapWriter } from '../../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { PositionTranslator } from '../../../../src/mirror-client/position-translator.ts'
import { CheckpointStore } from '../../../../src/mirror/checkpoint/checkpoint-store.ts'
import { CheckpointTranslation } from '../../../../src/mirror/checkpoint/checkpoint-translation.ts'
import { MirrorCheckpointTask } from '../../../../src/mirror/checkpoint/mirror-checkpoint-task.ts'
import { TargetTopics } from '../../../../src/mirror/checkpoint/target-topics.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const never = new Promise<never>(() => undefined)

/** A source that never answers, unless it fails, and a map that covers 100 records of orders-0. */
function taskWithoutSource({
  groups = ['g'],
  clock = new ManualClock(),
  coordinatorOf = () => never,
  opened = Promise.resolve()
}: {
  readonly groups?: string[]
  readonly clock?: ManualClock
  readonly coordinatorOf?: () => Promise<never>
  readonly opened?: Promise<void>
} = {}) {
  const target = new FakeLogCluster()
  const map = new OffsetMap({ onInvalid: () => undefined })
  const writer = new PartitionMapWriter(map, {
    ...{ topic: 'orders', partition: 0, sourceTopicId: null, targetTopicId: null },
    ...{ targetLogEnd: 0n, position: 0n, isFresh: true }
  })
  const mirrored = (u: bigint, n: number): void => {
    writer.mirrored(u, u, n)
    for (const { key, value } of writer.take()) map.apply(key, value)
  }
  const store = new CheckpointStore(groups)
  const acknowledged: string[] = []
  const observer = {
    translated: () => undefined,
    acknowledged: (group: string) => acknowledged.push(group),
    close: () => undefined
  }
  const policy = new DefaultReplicationPolicy({}, silentLogger)
  const targetTopics = new TargetTopics({ sourceAlias: 'A', targetAlias: 'B', policy, target })
  const parts = { route: 'A->B', store, targetTopics, observer, clock, random: () => 0.5, logger: silentLogger }
  const task = new MirrorCheckpointTask({
    ...{ ...parts, groups, topic: 'A.checkpoints.internal', target },
    ...{ emitIntervalMs: 60_000, syncGroupOffsetsIntervalMs: null, pollTimeoutMs: 1000, adminTimeoutMs: 60_000 },
    source: { alias: 'A', request: () => never, coordinatorOf },
    inputs: { start: () => Promise.resolve(), close: () => undefined },
    translation: new CheckpointTranslation({
      ...{ ...parts, topicFilter: { shouldReplicateTopic: () => true } },
      translator: new PositionTranslator({ map, syncs: undefined })
    }),
    groupSync: { run: () => Promise.resolve() },
    offsetMap: { isUsable: true, opened, readToEnd: () => Promise.resolve() },
    close: () => Promise.resolve()
  })
  return { clock, store, task, mirrored, acknowledged }
}

describe('MirrorCheckpointTask', () => {
  it('brings what was emitted before to where it is exact, though the source does not answer', async () => {
    const { clock, store, task, mirrored, acknowledged } = taskWithoutSource()
    mirrored(0n, 100)
    const earlier = { consumerGroupId: 'g', topic: 'A.orders', partition: 0, metadata: '' }
    store.load({ ...earlier, upstreamOffset: 150n, downstreamOffset: 100n })
    await task.start()
    const first = task.poll()
    await clock.advance(3_000)
    expect(await first).toEqual([])
    mirrored(100n, 60)
    const second = task.poll()
    await clock.advance(3_000)
    const [batch, ...others] = await second
    if (batch === undefined) throw new Error('nothing is emitted')
    expect(others).toEqual([])
    expect(batch).toMatchObject({
      sourcePartition: { fields: { partition: 0, topic: 'A.orders', group: 'g' } },
      ...{ targetTopic: 'A.checkpoints.internal', targetPartition: 0, firstOffset: 0n, lastOffset: 0n }
    })
    expect(store.last(earlier)).toMatchObject({ upstreamOffset: 150n, downstreamOffset: 150n })
    task.batchSettled(batch, [], [])
    expect(acknowledged).toEqual(['g'])
    await task.stop()
  })

  it('ends a running poll when it is stopped', async () => {
    const { task } = taskWithoutSource()
    await task.start()
    const polling = task.poll()
    await task.stop()
    expect(await polling).toEqual([])
  })

  it('asks for committed offsets though the offset map does not open', async () => {
    let asked = 0
    const coordinatorOf = (): Promise<never> => {
      asked += 1
      return never
    }
    const { clock, task } = taskWithoutSource({ coordinatorOf, opened: never })
    await task.start()
    const polling = (async () => {
      while (asked === 0) await task.poll()
    })()
    await clock.advance(29_000)
    expect(asked).toBe(0)
    await clock.advance(5_000)
    await polling
    await task.stop()
  })

  it('leaves other work its turns while it goes over many groups', async () => {
    /** Each look at it takes a millisecond. */
    class BusyClock extends ManualClock {
      #looks = 0
      override monotonic(): number {
        return super.monotonic() + this.#looks++
      }
    }
    const groups = Array.from({ length: 500 }, (_, index) => `g${index}`)
    const coordinatorOf = (): Promise<never> => Promise.reject(new Error('not known'))
    const { task } = taskWithoutSource({ groups, clock: new BusyClock(), coordinatorOf })
    await task.start()
    let turns = 0
    const other = (): void => {
      turns += 1
      next = setImmediate(other)
    }
    let next = setImmediate(other)
    await task.poll()
    clearImmediate(next)
    expect(turns).toBeGreaterThan(5)
    await task.stop()
  })
})
