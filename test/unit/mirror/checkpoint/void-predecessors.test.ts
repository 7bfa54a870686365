import { describe, expect, it } from 'vitest'
import { type Checkpoint, encodeCheckpoint } from '../../../../src/mirror-client/checkpoint.ts'
import { CheckpointStore } from '../../../../src/mirror/checkpoint/checkpoint-store.ts'
import { type NewCheckpoint } from '../../../../src/mirror/checkpoint/checkpoint-translation.ts'
import { withVoidPredecessors } from '../../../../src/mirror/checkpoint/void-predecessors.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'

function checkpoint(topic: string, partition: number, downstreamOffset: bigint): Checkpoint {
  return { consumerGroupId: 'g', topic, partition, upstreamOffset: 50n, downstreamOffset, metadata: '' }
}

const held = (topic: string, partition: number): NewCheckpoint => {
  const made = checkpoint(topic, partition, 1n)
  return { checkpoint: made, record: encodeCheckpoint(made), isExact: true }
}

describe('withVoidPredecessors', () => {
  it('gives those whose last checkpoint lies beyond the end of the log, not those at it or of a log that nobody can ask', async () => {
    const target = new FakeLogCluster()
    target.create('A.orders', 3)
    const records = Array.from({ length: 10 }, () => ({ key: null, value: 'v' }))
    for (const partition of [0, 1, 2]) target.append('A.orders', partition, ...records)
    const store = new CheckpointStore(['g'])
    store.load(checkpoint('A.orders', 0, 10n))
    store.load(checkpoint('A.orders', 1, 11n))
    store.load(checkpoint('A.gone', 0, 5_000n))
    const all = [held('A.orders', 0), held('A.orders', 1), held('A.orders', 2), held('A.gone', 0)]
    expect(await withVoidPredecessors(all, store, target)).toEqual([all[1]])
  })
})
