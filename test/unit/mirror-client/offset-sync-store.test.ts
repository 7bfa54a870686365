import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OffsetSyncStore } from '../../../src/mirror-client/offset-sync-store.ts'

const sync = (upstream: bigint, downstream: bigint) => ({
  topic: 'orders',
  partition: 0,
  upstreamOffset: upstream,
  downstreamOffset: downstream
})

function store(pairs: readonly (readonly [bigint, bigint])[], mustReadToEnd = false): OffsetSyncStore {
  const loaded = new OffsetSyncStore({ mustReadToEnd })
  for (const [upstream, downstream] of pairs) loaded.apply(sync(upstream, downstream))
  loaded.loaded()
  return loaded
}

const translated = (from: OffsetSyncStore, upstream: bigint) => from.translate('orders', 0, upstream)
const tens = (from: bigint, to: bigint): [bigint, bigint][] =>
  Array.from({ length: Number((to - from) / 10n) + 1 }, (_, index) => {
    const at = from + 10n * BigInt(index)
    return [at, at]
  })

it('nothing is translated before the topic has been read, and nothing of a partition without syncs', () => {
  const loading = new OffsetSyncStore({ mustReadToEnd: false })
  loading.apply(sync(100n, 200n))
  expect(translated(loading, 100n)).toBeUndefined()
  loading.loaded()
  expect(translated(loading, 100n)).toBe(200n)
  expect(loading.translate('orders', 1, 100n)).toBeUndefined()
})

it('a position after a sync is one past it, one before all syncs is too old, and a sync that goes back voids the others', () => {
  const live = store([[100n, 200n]])
  expect(translated(live, 150n)).toBe(201n)
  live.apply(sync(150n, 251n))
  expect(translated(live, 150n)).toBe(251n)
  expect(translated(live, 5n)).toBe(-1n)
  live.apply(sync(200n, 10n))
  expect(translated(live, 200n)).toBe(10n)
  live.apply(sync(20n, 20n))
  expect(translated(live, 20n)).toBe(20n)
  expect(translated(live, 19n)).toBe(-1n)
})

it('a target that lost its end, or was created anew, voids what was synced before, so that nothing is skipped', () => {
  const live = store([
    [990n, 990n],
    [1000n, 0n]
  ])
  expect(translated(live, 995n)).toBe(-1n)
  live.apply(sync(1100n, 100n))
  expect(translated(live, 1050n)).toBe(1n)
})

it('without trust in earlier checkpoints only the last sync of the load is used', () => {
  const trusting = store(tens(0n, 1000n), true)
  expect(translated(trusting, 999n)).toBe(-1n)
  expect(translated(trusting, 1000n)).toBe(1000n)
  expect(translated(trusting, 1001n)).toBe(1001n)
  trusting.apply(sync(1010n, 1010n))
  expect(translated(trusting, 1005n)).toBe(1001n)
})

it('otherwise every sync of the load takes part', () => {
  const all = store([...tens(0n, 1000n), ...tens(1000n, 10_000n)])
  expect(translated(all, 9_999n)).toBe(9991n)
  expect(translated(all, 100n)).toBe(1n)
  all.apply(sync(1500n, 11_000n))
  expect(translated(all, 1499n)).toBe(-1n)
  expect(translated(all, 1500n)).toBe(11_000n)
  expect(translated(all, 2000n)).toBe(11_001n)
})

it('a fixed position may go back when its sync is evicted', () => {
  const contiguous = store([
    [11n, 4n],
    [12n, 5n]
  ])
  expect(translated(contiguous, 13n)).toBe(6n)
  for (const upstream of [13n, 14n, 15n, 16n, 17n]) contiguous.apply(sync(upstream, upstream - 7n))
  expect(translated(contiguous, 13n)).toBe(5n)
})

it('a translation is never ahead of what was mirrored, and rises with the position', () => {
  // Each record takes a downstream offset; some source offsets hold none; syncs are sampled.
  const logs = fc.array(fc.record({ gap: fc.nat({ max: 3 }), isSynced: fc.boolean() }), {
    minLength: 1,
    maxLength: 200
  })
  fc.assert(
    fc.property(logs, (log) => {
      const sampled = new OffsetSyncStore({ mustReadToEnd: false })
      const mirrored: bigint[] = []
      let upstream = 0n
      for (const { gap, isSynced } of log) {
        upstream += BigInt(gap)
        if (isSynced) sampled.apply(sync(upstream, BigInt(mirrored.length)))
        mirrored.push(upstream)
        upstream += 1n
      }
      sampled.loaded()
      let last = -1n
      for (let position = 0n; position <= upstream + 5n; position++) {
        const found = translated(sampled, position) ?? -1n
        const truth = mirrored.filter((one) => one < position).length
        expect(found).toBeLessThanOrEqual(BigInt(truth))
        expect(found).toBeGreaterThanOrEqual(last)
        last = found
      }
    })
  )
})
