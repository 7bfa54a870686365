import { type CancelTimer, type Clock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'

interface QueuedRequest {
  readonly dueAtMs: number
  readonly run: () => void | Promise<void>
  readonly refuse: (reason: Error) => void
}

/**
 * What waits for its turn on the herder's loop, in the order (time, submission). Only the loop runs it, so nothing that
 * changes state overlaps.
 */
export class RequestQueue {
  readonly #clock: Clock
  /** Ends the loop's wait. */
  readonly #wake: () => void
  /** In the order they run; those of one time in the order they came. */
  #requests: QueuedRequest[] = []
  #closed: Error | undefined

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Runs `action` on the loop and settles as it does. Rejects with the reason of `close`. */
  submit<T>(action: () => T | Promise<T>): Promise<T> {
    const answer = deferred<T>()
    this.#add({
      dueAtMs: this.#clock.monotonic(),
      run: async () => {
        try {
          answer.resolve(await action())
        } catch (thrown) {
          answer.reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
        }
      },
      refuse: answer.reject
    })
    return answer.promise
  }

  /** Runs `action` on the loop after `delayMs`; what it throws ends the loop. Dropped, without a word, by `close`. */
  schedule(delayMs: number, action: () => void | Promise<void>): CancelTimer {
    const request = { dueAtMs: this.#clock.monotonic() + delayMs, run: action, refuse: () => undefined }
    this.#add(request)
    return () => {
      this.#requests = this.#requests.filter((other) => other !== request)
    }
  }

  /** Runs all that is due, also what becomes due meanwhile. */
  async runDue(): Promise<void> {
    for (;;) {
      const next = this.#requests[0]
      if (next === undefined || next.dueAtMs > this.#clock.monotonic()) return
      this.#requests.shift()
      await next.run()
    }
  }

  /** Time until something is due; undefined when nothing waits. */
  get nextDueMs(): number | undefined {
    const next = this.#requests[0]
    return next === undefined ? undefined : Math.max(0, next.dueAtMs - this.#clock.monotonic())
  }

  /** Refuses what waits and all that comes. */
  close(reason: Error): void {
    this.#closed = reason
    const waiting = this.#requests
    this.#requests = []
    for (const request of waiting) request.refuse(reason)
  }

  #add(request: QueuedRequest): void {
    if (this.#closed !== undefined) {
      request.refuse(this.#closed)
      return
    }
    const index = this.#requests.findLastIndex((other) => other.dueAtMs <= request.dueAtMs) + 1
    this.#requests.splice(index, 0, request)
    this.#wake()
  }
}
