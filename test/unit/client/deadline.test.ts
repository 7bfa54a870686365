import { expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { withinLimits } from '../../../src/client/deadline.ts'

test('a call that was stopped before it began leaves no rejection that nobody handles', async () => {
  const limits = { clock: systemClock, deadline: Infinity, signal: AbortSignal.abort(), what: 'Fetch' }
  const failing = Promise.reject(new Error('the connection was closed'))
  await expect(withinLimits(failing, limits)).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
  // Node reports an unhandled rejection before the next timer, and the test run fails on it.
  await new Promise(setImmediate)
})
