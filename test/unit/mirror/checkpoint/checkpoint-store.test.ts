import { describe, expect, it } from 'vitest'
import { type Checkpoint } from '../../../../src/mirror-client/checkpoint.ts'
import { CheckpointStore } from '../../../../src/mirror/checkpoint/checkpoint-store.ts'

const checkpoint = (upstreamOffset: bigint, downstreamOffset: bigint, consumerGroupId = 'g'): Checkpoint => ({
  ...{ consumerGroupId, topic: 'A.orders', partition: 0, metadata: '' },
  ...{ upstreamOffset, downstreamOffset }
})

describe('CheckpointStore', () => {
  const cases: readonly (readonly [string, readonly [bigint, bigint] | null, readonly [bigint, bigint], string])[] = [
    ['nothing was emitted before', null, [100n, 50n], 'new'],
    ['it takes the group on', [250n, 201n], [400n, 376n], 'new'],
    ['it takes the group back, though it went on at the source', [250n, 201n], [370n, 176n], 'held'],
    ['it says the same', [250n, 201n], [260n, 201n], 'same'],
    ['the group went back at the source', [13n, 5n], [12n, 4n], 'new']
  ]

  it.each(cases)('judges a checkpoint when %s', (_, last, next, judgement) => {
    const store = new CheckpointStore(['g'])
    if (last !== null) store.load(checkpoint(...last))
    expect(store.judge(checkpoint(...next))).toBe(judgement)
  })

  it('keeps the last of what the topic held, of its own groups alone', () => {
    const store = new CheckpointStore(['g'])
    for (const each of [checkpoint(1n, 1n), checkpoint(3n, 3n), checkpoint(2n, 2n), checkpoint(9n, 9n, 'other')]) {
      store.load(each)
    }
    expect([...store.all()]).toEqual([['g', [checkpoint(2n, 2n)]]])
  })

  it('prefers what it emitted to what is read later', () => {
    const store = new CheckpointStore(['g'])
    store.put(checkpoint(5n, 5n))
    store.load(checkpoint(3n, 3n))
    expect(store.last(checkpoint(0n, 0n))).toEqual(checkpoint(5n, 5n))
  })
})
