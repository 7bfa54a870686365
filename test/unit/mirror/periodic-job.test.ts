import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../src/base/errors.ts'
import { PeriodicJob } from '../../../src/mirror/periodic-job.ts'
import { recordingLogger } from '../../support/fake-brokers.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'

const second = 1000

function setUp(intervalMs: number | null, run: (signal: AbortSignal) => Promise<boolean>) {
  const clock = new ManualClock()
  const lines: string[] = []
  const startedAt: number[] = []
  const cluster = { isAway: false }
  const job = new PeriodicJob({
    ...{ subject: 'The ACLs of A->B', deed: 'copied', intervalMs, slowAfterMs: 60 * second },
    run: (signal) => {
      startedAt.push(clock.monotonic() - origin)
      return run(signal)
    },
    isAway: () => cluster.isAway,
    clock,
    random: () => 0.5,
    logger: recordingLogger(lines)
  })
  const origin = clock.monotonic()
  return { clock, lines, startedAt, job, cluster }
}

describe('PeriodicJob', () => {
  it('runs at once and then from start to start of its interval', async () => {
    const { clock, startedAt, job } = setUp(10 * second, async () => {
      await new Promise<void>((resolve) => clock.schedule(4 * second, resolve))
      return true
    })
    void job.start()
    await clock.advance(25 * second)
    expect(startedAt).toEqual([0, 10 * second, 20 * second])
  })

  it('never runs twice at once; the run after a late one follows it', async () => {
    let running = 0
    let most = 0
    const { clock, startedAt, job } = setUp(10 * second, async () => {
      most = Math.max(most, (running += 1))
      await new Promise<void>((resolve) => clock.schedule(25 * second, resolve))
      running -= 1
      return true
    })
    void job.start()
    await clock.advance(60 * second)
    expect([startedAt, most]).toEqual([[0, 25 * second, 50 * second], 1])
  })

  it('tries again soon what failed, tells it once, and tells when it succeeds', async () => {
    let failure: MirrorError | undefined = new MirrorError('MIRROR_TIMEOUT', 'B is busy', { retriable: true })
    const { clock, startedAt, lines, job } = setUp(600 * second, () =>
      failure === undefined ? Promise.resolve(true) : Promise.reject(failure)
    )
    await job.start()
    await clock.advance(8 * second)
    expect(startedAt).toEqual([0, 1 * second, 3 * second, 7 * second])
    failure = undefined
    await clock.advance(10 * second)
    expect(lines).toEqual([
      expect.stringMatching(/^warn: The ACLs of A->B cannot be copied: B is busy\. .*tried again/),
      'info: The ACLs of A->B can be copied again'
    ])
    const runs = startedAt.length
    await clock.advance(500 * second)
    expect(startedAt).toHaveLength(runs)
  })

  it('leaves it to those who keep the connections to tell that a cluster is away', async () => {
    const { clock, startedAt, lines, job, cluster } = setUp(600 * second, () =>
      Promise.reject(new MirrorError('MIRROR_AUTHENTICATION', 'B does not know the user'))
    )
    cluster.isAway = true
    await job.start()
    await clock.advance(8 * second)
    expect(startedAt).toEqual([0, 1 * second, 3 * second, 7 * second])
    expect(lines).toEqual([])
    // Reachable, and it fails all the same.
    cluster.isAway = false
    await clock.advance(60 * second)
    expect(lines).toEqual([expect.stringMatching(/^warn: .*B does not know the user/)])
  })

  it.each([[5 * second], [null]])('tries again what it did in part (every %j ms)', async (intervalMs) => {
    let left = 2
    const { clock, startedAt, job } = setUp(intervalMs, () => Promise.resolve((left -= 1) < 0))
    await job.start()
    await clock.advance(4 * second)
    expect(startedAt).toHaveLength(3)
  })

  it('warns once while runs are slow, and again after a quick one', async () => {
    let lastsMs = 61 * second
    const { clock, lines, job } = setUp(10 * second, async () => {
      await new Promise<void>((resolve) => clock.schedule(lastsMs, resolve))
      return true
    })
    void job.start()
    await clock.advance(60 * second)
    expect(lines).toEqual([expect.stringMatching(/^warn: .*still being copied after 60000 ms/)])
    await clock.advance(61 * second)
    lastsMs = 1
    await clock.advance(10 * second)
    expect(lines).toHaveLength(1)
    lastsMs = 61 * second
    await clock.advance(100 * second)
    expect(lines).toHaveLength(2)
  })

  it('runs no more once it is stopped, and tells the run that is under way', async () => {
    let seen: AbortSignal | undefined
    const { clock, startedAt, lines, job } = setUp(10 * second, async (signal) => {
      seen = signal
      await new Promise<void>((resolve) => clock.schedule(second, resolve))
      throw new Error('closed under it')
    })
    void job.start()
    await settle()
    job.stop()
    expect(seen?.aborted).toBe(true)
    await clock.advance(60 * second)
    expect([startedAt, lines, clock.pendingTimers]).toEqual([[0], [], 0])
  })
})
