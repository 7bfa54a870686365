import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeOffsetSync } from '../../../../src/mirror-client/offset-sync.ts'
import { OffsetSyncQueue, SyncedPartition } from '../../../../src/mirror/source/offset-sync-queue.ts'

const pairOf = ({ pending }: SyncedPartition): readonly [bigint, bigint] | null =>
  pending && [pending.upstreamOffset, pending.downstreamOffset]

/** Which of the records, each a stretch of its own, ask for a sync. */
function asked(lagMax: bigint, records: readonly (readonly [number, number])[]): string {
  const queue = new OffsetSyncQueue(lagMax)
  const partition = new SyncedPartition('t', 0)
  return records
    .map(([upstream, downstream]) => {
      queue.offer(partition, BigInt(upstream), BigInt(downstream), 1)
      return queue.take(10).length === 1 ? 'y' : 'n'
    })
    .join('')
}

describe('OffsetSyncQueue', () => {
  it('asks for a sync where the reference does (spec B.4)', () => {
    const feed = [
      ...[[0, 100] as const, [2, 102] as const, [3, 152] as const, [4, 153] as const, [5, 154] as const],
      ...[[6, 203] as const, [7, 204] as const, [2, 206] as const, [3, 207] as const, [4, 3] as const],
      ...[[5, 4] as const, [7, 6] as const, [7, 6] as const, [8, 7] as const, [10, 57] as const, [11, 58] as const]
    ]
    expect(asked(50n, feed)).toBe('yynynnyynynyynyn')
    expect(asked(0n, feed)).toBe('y'.repeat(feed.length))
    expect(asked(-7n, feed)).toBe('y'.repeat(feed.length))
  })

  it('delays what no rule asks for until a commit, which takes the place of what waits', () => {
    const queue = new OffsetSyncQueue(50n)
    const partition = new SyncedPartition('t', 3)
    queue.offer(partition, 0n, 100n, 1)
    queue.offer(partition, 1n, 101n, 1)
    expect(pairOf(partition)).toEqual([0n, 100n])
    queue.promoteDelayed()
    expect(queue.take(10).map(({ key, value }) => decodeOffsetSync(key, value))).toEqual([
      { topic: 't', partition: 3, upstreamOffset: 1n, downstreamOffset: 101n }
    ])
    queue.promoteDelayed()
    expect(queue.isEmpty).toBe(true)
  })

  it('delays a record that has the target offset of the last sync, because the target had lost that one', () => {
    const queue = new OffsetSyncQueue(0n)
    const partition = new SyncedPartition('t', 0)
    queue.offer(partition, 100n, 1_000n, 1)
    queue.offer(partition, 101n, 1_000n, 1)
    expect([pairOf(partition), partition.delayed?.upstreamOffset]).toEqual([[100n, 1_000n], 101n])
  })

  it('asks for each record where no lag is allowed, also for one that has the target offset of the last sync', () => {
    const queue = new OffsetSyncQueue(-1n)
    const partition = new SyncedPartition('t', 0)
    queue.offer(partition, 100n, 1_000n, 1)
    queue.offer(partition, 101n, 1_000n, 1)
    expect([pairOf(partition), partition.delayed]).toEqual([[101n, 1_000n], null])
  })

  it('sends partitions in the order in which they asked first', () => {
    const queue = new OffsetSyncQueue(0n)
    const [a, b] = [new SyncedPartition('a', 0), new SyncedPartition('b', 0)]
    queue.offer(a, 0n, 0n, 1)
    queue.offer(b, 0n, 0n, 1)
    queue.offer(a, 1n, 1n, 5)
    const taken = [...queue.take(1), ...queue.take(10)].map(({ key, value }) => decodeOffsetSync(key, value))
    expect(taken.map(({ topic, upstreamOffset }) => `${topic} ${upstreamOffset}`)).toEqual(['a 5', 'b 0'])
  })

  it('decides for a stretch what the rules decide record by record', () => {
    const stretch = fc.record({
      skipped: fc.integer({ min: -3, max: 3 }),
      lost: fc.integer({ min: -40, max: 40 }),
      count: fc.integer({ min: 1, max: 30 })
    })
    fc.assert(
      fc.property(fc.bigInt(-1n, 12n), fc.array(stretch, { maxLength: 12 }), (lagMax, stretches) => {
        const [byStretch, byRecord] = [new OffsetSyncQueue(lagMax), new OffsetSyncQueue(lagMax)]
        const [whole, single] = [new SyncedPartition('t', 0), new SyncedPartition('t', 0)]
        const model = new ReferenceRules(lagMax)
        let [upstream, downstream] = [0n, 1_000n]
        for (const { skipped, lost, count } of stretches) {
          upstream += BigInt(skipped) + 100n
          downstream += BigInt(lost)
          byStretch.offer(whole, upstream, downstream, count)
          for (let index = 0n; index < count; index++) {
            byRecord.offer(single, upstream + index, downstream + index, 1)
            model.offer(upstream + index, downstream + index)
          }
          expect([pairOf(whole), whole.triggered]).toEqual([pairOf(single), single.triggered])
          expect([pairOf(whole), whole.triggered]).toEqual([model.pending, model.lastSent])
          expect(whole.delayed && [whole.delayed.upstreamOffset, whole.delayed.downstreamOffset]).toEqual(model.delayed)
          upstream += BigInt(count) - 100n
          downstream += BigInt(count)
        }
      })
    )
  })
})

/** Spec 8.1, word for word. */
class ReferenceRules {
  pending: readonly [bigint, bigint] | null = null
  delayed: readonly [bigint, bigint] | null = null
  lastSent = -1n
  readonly #lagMax: bigint
  #previous: readonly [bigint, bigint] = [-1n, -1n]

  constructor(lagMax: bigint) {
    this.#lagMax = lagMax
  }

  offer(upstream: bigint, downstream: bigint): void {
    const [previousUpstream, previousDownstream] = this.#previous
    const mustEmit =
      this.lastSent === -1n ||
      downstream - (this.lastSent + 1n) >= this.#lagMax ||
      upstream - previousUpstream !== 1n ||
      downstream < previousDownstream
    if (mustEmit) {
      this.lastSent = downstream
      this.delayed = null
      this.pending = [upstream, downstream]
    } else this.delayed = [upstream, downstream]
    this.#previous = [upstream, downstream]
  }
}
