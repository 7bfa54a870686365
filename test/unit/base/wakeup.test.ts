import { expect, test } from 'vitest'
import { Wakeup } from '../../../src/base/wakeup.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

test('one notification wakes all that sleep, and none that comes later', async () => {
  const wakeup = new Wakeup(new ManualClock())
  const woken: string[] = []
  void wakeup.wait().then(() => woken.push('first'))
  void wakeup.wait(1000).then(() => woken.push('second'))
  wakeup.notify()
  await settle()
  expect(woken).toEqual(['first', 'second'])
  void wakeup.wait().then(() => woken.push('third'))
  await settle()
  expect(woken).toHaveLength(2)
})

test('a notification while nobody sleeps is kept for the next sleep alone', async () => {
  const clock = new ManualClock()
  const wakeup = new Wakeup(clock)
  wakeup.notify()
  wakeup.notify()
  await wakeup.wait()
  let woken = false
  void wakeup.wait(10).then(() => (woken = true))
  await clock.advance(9)
  expect(woken).toBe(false)
  await clock.advance(1)
  expect(woken).toBe(true)
})

test('a sleep that has expired takes no notification from the next one', async () => {
  const clock = new ManualClock()
  const wakeup = new Wakeup(clock)
  const sleep = wakeup.wait(10)
  await clock.advance(10)
  await sleep
  wakeup.notify()
  await wakeup.wait()
  expect(clock.pendingTimers).toBe(0)
})
