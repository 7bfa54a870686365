import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { RequestQueue } from '../../../../src/connect/herder/request-queue.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function setUp(): { clock: ManualClock; queue: RequestQueue; log: string[]; wakes: () => number } {
  const clock = new ManualClock()
  let wakes = 0
  const queue = new RequestQueue(clock, () => {
    wakes += 1
  })
  return { clock, queue, log: [], wakes: () => wakes }
}

describe('the request queue', () => {
  it('runs what is due by time, then by order of submission, and wakes the loop for each', async () => {
    const { clock, queue, log, wakes } = setUp()
    const note = (text: string) => () => {
      log.push(text)
    }
    queue.schedule(20, note('in 20 ms'))
    queue.schedule(10, note('in 10 ms'))
    queue.schedule(10, note('in 10 ms, too'))
    void queue.submit(note('now'))
    void queue.submit(note('now, too'))
    expect(wakes()).toBe(5)
    await queue.runDue()
    expect(log).toEqual(['now', 'now, too'])
    expect(queue.nextDueMs).toBe(10)
    await clock.advance(15)
    await queue.runDue()
    expect(log.slice(2)).toEqual(['in 10 ms', 'in 10 ms, too'])
    expect(queue.nextDueMs).toBe(5)
  })

  it('never runs two at a time', async () => {
    const { queue, log } = setUp()
    for (const name of ['a', 'b']) {
      void queue.submit(async () => {
        log.push(`${name} begins`)
        await Promise.resolve()
        log.push(`${name} ends`)
      })
    }
    await queue.runDue()
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('hands the outcome of a request to who submitted it, not to the loop', async () => {
    const { queue } = setUp()
    const answers = Promise.allSettled([
      queue.submit(() => 1),
      queue.submit(() => Promise.reject(new Error('not today')))
    ])
    await queue.runDue()
    expect(await answers).toMatchObject([{ value: 1 }, { reason: { message: 'not today' } }])
  })

  it('forgets what is cancelled, and refuses what waits and what comes once it is closed', async () => {
    const { queue, log } = setUp()
    const cancel = queue.schedule(0, () => {
      log.push('cancelled')
    })
    cancel()
    const waiting = queue.submit(() => log.push('too late'))
    const reason = new MirrorError('MIRROR_CLOSED', 'over')
    queue.close(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(queue.submit(() => log.push('later still'))).rejects.toBe(reason)
    await queue.runDue()
    expect(log).toEqual([])
    expect(queue.nextDueMs).toBeUndefined()
  })
})
