import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SourcePartition } from '../../../../src/connect/source-batch.ts'
import { type SubmittedBatch, SubmittedBatches } from '../../../../src/connect/worker/submitted-batches.ts'

const partition = (name: string): SourcePartition => ({ fields: { topic: name, partition: 0 } })
const batch = (lastOffset: bigint): SubmittedBatch => ({ lastOffset, isSettled: false })

test('a position is never committed beyond an unsettled batch, in whatever order batches settle', () => {
  const scenario = fc.integer({ min: 1, max: 30 }).chain((count) =>
    fc
      .shuffledSubarray(
        Array.from({ length: count }, (_, index) => index),
        { minLength: 0, maxLength: count }
      )
      .map((order) => ({ count, order }))
  )
  fc.assert(
    fc.property(scenario, ({ count, order }) => {
      const submitted = new SubmittedBatches()
      const source = partition('a')
      const batches = Array.from({ length: count }, (_, index) => batch(BigInt(index)))
      for (const each of batches) submitted.submit(source, each)
      for (const index of order) {
        const settled = batches[index]
        if (settled !== undefined) submitted.settle(source, settled)
        const firstUnsettled = batches.findIndex((each) => !each.isSettled)
        const longestPrefix = firstUnsettled === -1 ? count : firstUnsettled
        const committable = submitted.takeCommittable()
        submitted.restore(committable)
        expect(committable.map(({ offset }) => offset)).toEqual(longestPrefix === 0 ? [] : [BigInt(longestPrefix - 1)])
        expect(submitted.pendingCount).toBe(count - longestPrefix)
      }
    })
  )
})

test('a settled stretch without records waits for the batches before it', () => {
  const submitted = new SubmittedBatches()
  const source = partition('a')
  const first = batch(4n)
  submitted.submit(source, first)
  submitted.submit(source, { lastOffset: 5n, isSettled: true })
  expect(submitted.takeCommittable()).toEqual([])
  submitted.settle(source, first)
  expect(submitted.takeCommittable()).toEqual([{ partition: source, offset: 5n }])
})

test('a snapshot has only what moved since the last one, and again what could not be stored', () => {
  const submitted = new SubmittedBatches()
  const [a, b] = [partition('a'), partition('b')]
  submitted.submit(a, { lastOffset: 1n, isSettled: true })
  submitted.submit(b, { lastOffset: 7n, isSettled: true })
  const offsets = submitted.takeCommittable()
  expect(offsets).toHaveLength(2)
  expect(submitted.takeCommittable()).toEqual([])
  submitted.restore(offsets.slice(1))
  submitted.submit(b, { lastOffset: 8n, isSettled: true })
  expect(submitted.takeCommittable()).toEqual([{ partition: b, offset: 8n }])
})

test('a position that stands still is committed once, and again only where that failed', () => {
  const submitted = new SubmittedBatches()
  const source = partition('a')
  const beat = (): void => {
    submitted.submit(source, { lastOffset: 0n, isSettled: true })
  }
  beat()
  const committed = submitted.takeCommittable()
  expect(committed).toEqual([{ partition: source, offset: 0n }])
  beat()
  expect(submitted.takeCommittable()).toEqual([])
  submitted.restore(committed)
  beat()
  expect(submitted.takeCommittable()).toEqual(committed)
})

test('nothing passes a batch that must not be passed, and other partitions go on', () => {
  const submitted = new SubmittedBatches()
  const [held, other] = [partition('a'), partition('b')]
  const passed: string[] = []
  const told = (name: string, mayPass: boolean) => () => {
    passed.push(name)
    return mayPass
  }
  submitted.submit(held, { lastOffset: 1n, isSettled: true, passed: told('a1', true) })
  submitted.submit(held, { lastOffset: 2n, isSettled: true, passed: told('a2', false) })
  submitted.submit(held, { lastOffset: 3n, isSettled: true, passed: told('a3', true) })
  submitted.submit(other, { lastOffset: 9n, isSettled: true, passed: told('b9', true) })
  expect([passed, submitted.takeCommittable()]).toEqual([
    ['a1', 'a2', 'b9'],
    [
      { partition: held, offset: 1n },
      { partition: other, offset: 9n }
    ]
  ])
})
