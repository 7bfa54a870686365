/** Wall-clock and monotonic time plus timers, handed in so that tests decide when time passes. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump when the machine's clock is set. */
  now(): number
  /** Milliseconds since an arbitrary origin, never going back: for deadlines and durations. */
  monotonic(): number
  /** Runs `callback` once after `delayMs`. The returned function cancels it; calling that twice is harmless. */
  schedule(delayMs: number, callback: () => void): CancelTimer
}

export type CancelTimer = () => void

/** Node caps a timer at 2^31-1 ms and turns anything longer into 1 ms. */
const longestTimerMs = 0x7fffffff

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delayMs, callback) {
    // Node cuts fractions off: who waits for a deadline would be early, and wait once more.
    const timer = setTimeout(callback, Math.min(Math.max(Math.ceil(delayMs), 0), longestTimerMs))
    return () => {
      clearTimeout(timer)
    }
  }
}

/** Resolves after `delayMs`, or at once when `signal` is aborted (it never rejects: callers look at the signal). */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.schedule(delayMs, finish)
    signal?.addEventListener('abort', finish, { once: true })
  })
}

/** Of an interval: nearer than this a tick counts as the one before, of which a timer may come a little too early. */
const sameTickShare = 0.1

/**
 * Until the next multiple of `intervalMs` on the monotonic clock, so that what is done at the same interval is done together
 * wherever in the process it is: an idle process wakes up once for all of it.
 */
export function untilTickMs(clock: Clock, intervalMs: number): number {
  const leftMs = intervalMs - (clock.monotonic() % intervalMs)
  return leftMs < intervalMs * sameTickShare ? leftMs + intervalMs : leftMs
}

/** Whether `ending`, which must not reject, has ended within `timeoutMs`. Where it has not, it goes on. */
export async function endsWithin(clock: Clock, timeoutMs: number, ending: Promise<unknown>): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const cancel = clock.schedule(timeoutMs, () => {
      resolve(false)
    })
    void ending.then(() => {
      cancel()
      resolve(true)
    })
  })
}
