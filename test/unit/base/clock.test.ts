import { expect, it } from 'vitest'
import { endsWithin, untilTickMs } from '../../../src/base/clock.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { ManualClock } from '../../support/manual-clock.ts'

it('what ends in time is told at once, and leaves no timer behind', async () => {
  const clock = new ManualClock()
  const ending = deferred<undefined>()
  const inTime = endsWithin(clock, 1000, ending.promise)
  await clock.advance(999)
  ending.resolve(undefined)
  expect(await inTime).toBe(true)
  expect(clock.pendingTimers).toBe(0)
})

it('what does not end in time is told when the time is over', async () => {
  const clock = new ManualClock()
  let told: boolean | undefined
  void endsWithin(clock, 1000, new Promise(() => undefined)).then((isInTime) => {
    told = isInTime
  })
  await clock.advance(999)
  expect(told).toBeUndefined()
  await clock.advance(1)
  expect(told).toBe(false)
})

it('ticks of an interval come at its multiples, and none twice for a timer that was a little early', () => {
  const clock = new ManualClock()
  const leftAfter = (byMs: number): number => {
    clock.skip(byMs)
    return untilTickMs(clock, 1000)
  }
  expect([leftAfter(0), leftAfter(250), leftAfter(746), leftAfter(4)]).toEqual([1000, 750, 1004, 1000])
})
