import { beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type GroupOffset } from '../../../../src/client/consumer-groups.ts'
import { DefaultReplicationPolicy } from '../../../../src/mirror-client/default-replication-policy.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { PartitionMapWriter } from '../../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { OffsetSyncStore } from '../../../../src/mirror-client/offset-sync-store.ts'
import { PositionTranslator } from '../../../../src/mirror-client/position-translator.ts'
import { CheckpointStore } from '../../../../src/mirror/checkpoint/checkpoint-store.ts'
import { CheckpointTranslation, type NewCheckpoint } from '../../../../src/mirror/checkpoint/checkpoint-translation.ts'
import { TargetTopics } from '../../../../src/mirror/checkpoint/target-topics.ts'

const policy = new DefaultReplicationPolicy({}, silentLogger)

let map: OffsetMap
let syncs: OffsetSyncStore
let store: CheckpointStore
let qualities: string[]

beforeEach(() => {
  map = new OffsetMap({ onInvalid: () => undefined })
  syncs = loadedSyncs(false)
  store = new CheckpointStore(['g'])
  qualities = []
})

function loadedSyncs(mustReadToEnd: boolean, ...upstreams: bigint[]): OffsetSyncStore {
  const made = new OffsetSyncStore({ mustReadToEnd })
  for (const upstream of upstreams) sync(made, ['orders', 0], upstream, upstream)
  made.loaded()
  return made
}

function sync(to: OffsetSyncStore, [topic, partition]: readonly [string, number], up: bigint, down: bigint): void {
  to.apply({ topic, partition, upstreamOffset: up, downstreamOffset: down })
}

function translation({
  hasMap = false,
  rejects = [] as string[],
  sourceAlias = 'source1',
  targetAlias = 'target2',
  namelessTopic = ''
} = {}) {
  const target = { describeTopics: () => Promise.resolve([]) }
  const upstreamTopic = (topic: string): string | null => {
    if (topic === namelessTopic) throw new Error('no name')
    return policy.upstreamTopic(topic)
  }
  const naming = {
    formatRemoteTopic: (alias: string, topic: string) => policy.formatRemoteTopic(alias, topic),
    topicSource: (topic: string) => policy.topicSource(topic),
    upstreamTopic
  }
  const targetTopics = new TargetTopics({ sourceAlias, targetAlias, policy: naming, target })
  return new CheckpointTranslation({
    route: `${sourceAlias}->${targetAlias}`,
    targetTopics,
    topicFilter: { shouldReplicateTopic: (topic) => !rejects.includes(topic) },
    translator: new PositionTranslator({ map: hasMap ? map : undefined, syncs }),
    store,
    observer: { translated: (_group, quality) => qualities.push(quality) },
    logger: silentLogger
  })
}

function committed(topic: string, partition: number, offset: bigint, more: Partial<GroupOffset> = {}): GroupOffset {
  return { topic, partition, offset, leaderEpoch: -1, metadata: null, errorCode: 0, ...more }
}

const shown = (emitted: readonly NewCheckpoint[]): string[] =>
  emitted.map(({ checkpoint: { topic, partition, upstreamOffset, downstreamOffset }, isExact }) => {
    return `${topic}-${partition} ${upstreamOffset} -> ${downstreamOffset}${isExact ? ' exact' : ''}`
  })

describe("by the reference's rule", () => {
  it('a checkpoint has the name that the topic has at the target', () => {
    sync(syncs, ['topic1', 2], 3n, 4n)
    sync(syncs, ['target2.topic5', 6], 7n, 8n)
    const made = translation()
    const offsets = [
      committed('topic1', 2, 10n),
      committed('target2.topic5', 6, 12n),
      committed('topic1', 3, 10n),
      committed('topic1', 4, -1n)
    ]
    expect(shown(made.take('g', offsets))).toEqual(['source1.topic1-2 10 -> 5', 'topic5-6 12 -> 9'])
    expect(shown(made.take('g', [committed('target2.topic5', 6, 7n)]))).toEqual(['topic5-6 7 -> 8'])
    expect(qualities).toEqual(['conservative', 'conservative', 'untranslated', 'conservative'])
  })

  it('no checkpoint goes back after a restart that left coarser syncs', () => {
    syncs = loadedSyncs(false, 100n, 200n, 300n)
    expect(shown(translation().take('g', [committed('orders', 0, 250n)]))).toEqual(['source1.orders-0 250 -> 201'])
    syncs = loadedSyncs(false, 175n, 275n, 375n, 475n)
    const restarted = translation()
    expect(restarted.take('g', [committed('orders', 0, 250n)])).toEqual([])
    expect(restarted.take('g', [committed('orders', 0, 370n)])).toEqual([])
    expect(shown(restarted.take('g', [committed('orders', 0, 400n)]))).toEqual(['source1.orders-0 400 -> 376'])
  })

  it('a group that went back at the source goes back at the target', () => {
    for (let up = 11n; up <= 17n; up++) sync(syncs, ['orders', 0], up, up - 7n)
    const made = translation()
    expect(shown(made.take('g', [committed('orders', 0, 13n)]))).toEqual(['source1.orders-0 13 -> 5'])
    expect(made.take('g', [committed('orders', 0, 14n)])).toEqual([])
    expect(shown(made.take('g', [committed('orders', 0, 12n)]))).toEqual(['source1.orders-0 12 -> 5'])
  })

  it('nothing is translated before the syncs are loaded, nor what they are all behind of, nor what the filter rejects', () => {
    syncs = new OffsetSyncStore({ mustReadToEnd: false })
    sync(syncs, ['orders', 0], 100n, 100n)
    sync(syncs, ['private', 0], 100n, 100n)
    const made = translation({ rejects: ['private'] })
    expect(made.take('g', [committed('orders', 0, 150n)])).toEqual([])
    syncs.loaded()
    expect(made.take('g', [committed('orders', 0, 50n), committed('private', 0, 150n)])).toEqual([])
    expect(made.isOpen).toBe(false)
  })

  it('a commit with an error says nothing, and one that cannot be written leaves the others alone', () => {
    syncs = loadedSyncs(false, 0n)
    sync(syncs, ['other', 0], 0n, 0n)
    const offsets = [
      committed('orders', 1, 5n, { errorCode: 88 }),
      committed('orders', 0, 5n, { metadata: 'x'.repeat(40_000) }),
      committed('other', 0, 5n, { metadata: 'm' })
    ]
    const [made, ...others] = translation().take('g', offsets)
    expect(others).toEqual([])
    expect(made?.checkpoint).toMatchObject({ topic: 'source1.other', metadata: 'm' })
  })

  it('a filter that fails has nothing of its group count as emitted', () => {
    syncs = loadedSyncs(false, 0n)
    const failing = new CheckpointTranslation({
      route: 'A->B',
      targetTopics: { nameOf: (topic) => topic, sourceOf: (name) => name },
      topicFilter: {
        shouldReplicateTopic: (topic) => {
          if (topic === 'bad') throw new Error('no answer')
          return true
        }
      },
      translator: new PositionTranslator({ map: undefined, syncs }),
      store,
      observer: { translated: () => undefined },
      logger: silentLogger
    })
    expect(() => failing.take('g', [committed('orders', 0, 5n), committed('bad', 0, 5n)])).toThrow('no answer')
    expect([...store.all()]).toEqual([])
  })
})

describe('by the offset map', () => {
  let writer: PartitionMapWriter

  beforeEach(() => {
    writer = new PartitionMapWriter(map, {
      ...{ topic: 'orders', partition: 0, sourceTopicId: null, targetTopicId: null },
      ...{ targetLogEnd: 0n, position: 0n, isFresh: true }
    })
  })

  function mirrored(u: bigint, d: bigint, n: number): void {
    writer.mirrored(u, d, n)
    for (const { key, value } of writer.take()) map.apply(key, value)
  }

  it('what the mirror has reached is exact, and final', () => {
    mirrored(0n, 0n, 100)
    const made = translation({ hasMap: true })
    expect(shown(made.take('g', [committed('orders', 0, 40n)]))).toEqual(['source1.orders-0 40 -> 40 exact'])
    expect(made.isOpen).toBe(false)
  })

  it('a group ahead of the mirror gets what is sure, and exactly its position as soon as the mirror is there', () => {
    mirrored(0n, 0n, 100)
    const made = translation({ hasMap: true })
    expect(shown(made.take('g', [committed('orders', 0, 150n)]))).toEqual(['source1.orders-0 150 -> 100'])
    expect(made.isOpen).toBe(true)
    mirrored(100n, 100n, 20)
    expect(made.refine()).toEqual([])
    mirrored(120n, 125n, 40)
    expect(shown(made.refine())).toEqual(['source1.orders-0 150 -> 155 exact'])
    expect(made.isOpen).toBe(false)
    expect(qualities).toEqual(['conservative', 'exact'])
  })

  it('of a group that has moved only the new position is waited for', () => {
    mirrored(0n, 0n, 100)
    const made = translation({ hasMap: true })
    made.take('g', [committed('orders', 0, 150n)])
    made.take('g', [committed('orders', 0, 300n)])
    mirrored(100n, 100n, 100)
    expect(made.refine()).toEqual([])
    made.take('g', [])
    expect(made.isOpen).toBe(false)
  })

  it('an exact position behind the last checkpoint is held until that is known to be void', () => {
    mirrored(0n, 0n, 100)
    store.load({
      ...{ consumerGroupId: 'g', topic: 'source1.orders', partition: 0, metadata: '' },
      upstreamOffset: 40n,
      downstreamOffset: 5_000n
    })
    const made = translation({ hasMap: true })
    expect(made.take('g', [committed('orders', 0, 50n)])).toEqual([])
    const [held, ...others] = made.takeHeld()
    if (held === undefined) throw new Error('nothing is held')
    expect(shown([held, ...others])).toEqual(['source1.orders-0 50 -> 50 exact'])
    made.release(held)
    expect(made.takeHeld()).toEqual([])
    expect(store.last(held.checkpoint)).toEqual(held.checkpoint)
  })

  it('a checkpoint that has come to lie ahead, since the target lost its end and has grown past it again, is taken back', () => {
    mirrored(0n, 0n, 1000)
    const made = translation({ hasMap: true })
    expect(shown(made.take('g', [committed('orders', 0, 700n)]))).toEqual(['source1.orders-0 700 -> 700 exact'])
    mirrored(1000n, 500n, 1000)
    expect(shown(made.take('g', [committed('orders', 0, 700n)]))).toEqual(['source1.orders-0 700 -> 500'])
    expect(made.take('g', [committed('orders', 0, 700n)])).toEqual([])
    expect(shown(made.take('g', [committed('orders', 0, 1100n)]))).toEqual(['source1.orders-0 1100 -> 600 exact'])
  })

  it('what was emitted before is taken up again, and becomes exact though nobody tells what the group has committed', () => {
    mirrored(0n, 0n, 100)
    const earlier = { consumerGroupId: 'g', topic: 'source1.orders', partition: 0, metadata: 'm' }
    store.load({ ...earlier, upstreamOffset: 150n, downstreamOffset: 100n })
    const made = translation({ hasMap: true })
    made.resume()
    expect(made.refine()).toEqual([])
    mirrored(100n, 100n, 60)
    expect(made.refine()).toMatchObject([{ checkpoint: { ...earlier, upstreamOffset: 150n, downstreamOffset: 150n } }])
  })

  describe('when the source topic is deleted and created again', () => {
    const createdAnew = (): void => {
      writer.recreated(100n, 0n, Buffer.alloc(16, 2))
      mirrored(0n, 100n, 400)
    }

    it('what was emitted of the old one is not taken for a position in the new one', () => {
      mirrored(0n, 0n, 100)
      const earlier = { consumerGroupId: 'g', topic: 'source1.orders', partition: 0, metadata: '' }
      store.load({ ...earlier, upstreamOffset: 90n, downstreamOffset: 90n })
      createdAnew()
      const made = translation({ hasMap: true })
      made.resume()
      expect(made.refine()).toEqual([])
      expect(made.isOpen).toBe(false)
    })

    it('a position in the old one that the mirror had not reached is not either', () => {
      mirrored(0n, 0n, 100)
      const made = translation({ hasMap: true })
      expect(shown(made.take('g', [committed('orders', 0, 150n)]))).toEqual(['source1.orders-0 150 -> 100'])
      createdAnew()
      expect(made.refine()).toEqual([])
      expect(made.isOpen).toBe(false)
    })
  })

  it('a policy that has no name for a topic keeps nothing else from being taken up again', () => {
    mirrored(0n, 0n, 100)
    const earlier = { consumerGroupId: 'g', partition: 0, metadata: '', upstreamOffset: 50n, downstreamOffset: 40n }
    store.load({ ...earlier, topic: 'bad' })
    store.load({ ...earlier, topic: 'source1.orders' })
    const made = translation({ hasMap: true, namelessTopic: 'bad' })
    made.resume()
    expect(shown(made.refine())).toEqual(['source1.orders-0 50 -> 50 exact'])
  })
})
