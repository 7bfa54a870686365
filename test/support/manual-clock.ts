import { type CancelTimer, type Clock } from '../../src/base/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** A clock that stands still until `advance` is called. */
export class ManualClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  schedule(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Timers that are due later. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Time passes while the process is stopped: no timer fires. */
  skip(byMs: number): void {
    this.#nowMs += byMs
  }

  /** Lets time pass: timers fire in the order they are due, and what they set off in promises settles in between. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs
    await settle()
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined) break
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      this.#timers.delete(next)
      next.callback()
      await settle()
    }
    this.#nowMs = endMs
  }
}

/** Runs the promise reactions that are due, and those that they set off. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
