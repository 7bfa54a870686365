import { expect, test } from 'vitest'
import { ByteBudget } from '../../../src/client/byte-budget.ts'

test('wakes who waits once three quarters of it are free again, once however often it asked', () => {
  const budget = new ByteBudget(100)
  let woken = 0
  const wake = (): void => {
    woken += 1
  }
  budget.take(70)
  expect(budget.hasRoom).toBe(false)
  for (let round = 0; round < 3; round++) budget.onRoom(wake)
  budget.give(40)
  expect([woken, budget.hasRoom]).toEqual([0, false])
  budget.give(10)
  expect([woken, budget.hasRoom]).toEqual([1, true])
  budget.give(10)
  expect(woken).toBe(1)
})
