import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetSyncSlots } from '../../../src/mirror-client/offset-sync-slots.ts'

type Sync = OffsetSyncSlots['slots'][number]

const sync = (upstream: bigint | number): Sync => ({
  upstreamOffset: BigInt(upstream),
  downstreamOffset: BigInt(upstream)
})

function slotsAfter(upstreams: readonly (bigint | number)[]): OffsetSyncSlots {
  const [first = 0, ...rest] = upstreams
  const slots = new OffsetSyncSlots(sync(first))
  for (const upstream of rest) slots.insert(sync(upstream))
  return slots
}

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step)

/** Newest to oldest, each once. */
const distinct = (slots: OffsetSyncSlots): Sync[] => [...new Set(slots.slots)]
const upstreams = (slots: OffsetSyncSlots): number[] => distinct(slots).map((one) => Number(one.upstreamOffset))

/** First slot of each sync, as the acceptance vectors of the specification have it. */
const trace = (slots: OffsetSyncSlots): string =>
  distinct(slots)
    .map((one) => `${slots.slots.indexOf(one)}:${one.upstreamOffset}`)
    .join(' ')

describe('the figures of the reference', () => {
  it('come out for syncs at even distances, and again from the last one on', () => {
    const slots = slotsAfter(range(0, 1000, 10))
    expect(upstreams(slots)).toEqual([1000, 990, 960, 900, 840, 720, 480, 0])
    for (const upstream of range(1000, 10_000, 10)) slots.insert(sync(upstream))
    expect(upstreams(slots)).toEqual([10_000, 9990, 9960, 9900, 9840, 9600, 9120, 8640, 7680, 3840, 0])
  })

  it('come out where all history was replaced by one sync', () => {
    const slots = slotsAfter([0])
    slots.replaceAll(sync(1000))
    for (const upstream of range(1010, 10_000, 10)) slots.insert(sync(upstream))
    expect(upstreams(slots)).toEqual([10_000, 9990, 9970, 9940, 9880, 9640, 9160, 8680, 6760, 4840, 1000])
  })

  it.each([
    { last: 400, expected: '0:400 8:300 9:200 10:0' },
    { last: 500, expected: '0:500 8:400 9:200 10:0' },
    { last: 600, expected: '0:600 8:500 9:400 10:0' },
    { last: 700, expected: '0:700 8:600 9:400 10:0' },
    { last: 800, expected: '0:800 8:700 9:600 10:400 11:0' }
  ])('come out slot by slot at $last in steps of 100', ({ last, expected }) => {
    expect(trace(slotsAfter(range(0, last, 100)))).toBe(expected)
  })

  it('come out for contiguous syncs', () => {
    expect(upstreams(slotsAfter(range(11, 17, 1)))).toEqual([17, 16, 15, 11])
  })
})

/** Syncs as they come: mostly forward by some random step, repeated now and then, and back at times. */
const histories = fc
  .tuple(
    fc.bigInt({ min: 0n, max: 2n ** 62n }),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 200n }) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 55 }).map((exponent) => 1n << BigInt(exponent)) },
        { weight: 1, arbitrary: fc.bigInt({ min: -50n, max: -1n }) }
      ),
      { maxLength: 150 }
    )
  )
  .map(([start, steps]) => {
    let at = start
    return [start, ...steps.map((step) => (at = at + step < 0n ? 0n : at + step))]
  })

describe('whatever syncs come', () => {
  it('slot 0 holds the newest (A), and the oldest usable is in the last slot (D)', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const slots = slotsAfter(history)
        expect(slots.slots[0]?.upstreamOffset).toBe(history.at(-1))
        const oldest = distinct(slots).at(-1)
        expect(slots.slots[63]).toBe(oldest)
        expect(slots.find(2n ** 63n - 1n)).toBe(slots.slots[0])
        expect(slots.find((oldest?.upstreamOffset ?? 0n) - 1n)).toBeUndefined()
      })
    )
  })

  it('none is too old for its slot (B), and they are spread out (C)', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { slots } = slotsAfter(history)
        for (const [i, newer] of slots.entries()) {
          for (const [j, older] of slots.entries()) {
            if (i >= j || newer === older) continue
            const distance = newer.upstreamOffset - older.upstreamOffset
            expect(distance <= 2n ** BigInt(j) - 2n ** BigInt(i), `B between slots ${i} and ${j}`).toBe(true)
            // One that says the newest's offset again is taken in beside it.
            if (distance === 0n) continue
            expect(distance >= 2n ** BigInt(Math.max(i - 2, 0)), `C between slots ${i} and ${j}`).toBe(true)
          }
        }
      })
    )
  })

  it('the one that is found is never ahead of the position asked for', () => {
    fc.assert(
      fc.property(histories, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (history, position) => {
        const found = slotsAfter(history).find(position)
        expect(found === undefined || found.upstreamOffset <= position).toBe(true)
      })
    )
  })

  it.each([
    { name: 'at even distances', step: () => fc.constant(7), most: 1 },
    { name: 'at distances of one or two steps', step: () => fc.constantFrom(5, 10), most: 2 },
    { name: 'at random distances below 2^6', step: () => fc.integer({ min: 1, max: 63 }), most: 8 }
  ])('an insertion evicts no more than $most of syncs $name', ({ step, most }) => {
    fc.assert(
      fc.property(fc.array(step(), { minLength: 1, maxLength: 200 }), (steps) => {
        const slots = slotsAfter([0])
        let at = 0
        for (const one of steps) {
          const before = distinct(slots)
          slots.insert(sync((at += one)))
          const kept = new Set(slots.slots)
          expect(before.filter((former) => !kept.has(former)).length).toBeLessThanOrEqual(most)
        }
      })
    )
  })
})
