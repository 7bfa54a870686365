import { type Clock } from '../../base/clock.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type HerderHealth } from './herder.ts'
import { type RequestQueue } from './request-queue.ts'

const answerWithinMs = 10_000

/** Whether the loop still comes round, and what it is at when it does not (spec 6.1.4). */
export class HerderHealthCheck {
  readonly #clock: Clock
  readonly #queue: RequestQueue
  #activity = 'opening its internal topics'
  #sinceMs: number
  #hasTurned = false

  constructor(clock: Clock, queue: RequestQueue) {
    this.#clock = clock
    this.#queue = queue
    this.#sinceMs = clock.monotonic()
  }

  /** `activity` completes "The herder has been ...". */
  enter(activity: string): void {
    this.#activity = activity
    this.#sinceMs = this.#clock.monotonic()
  }

  turnCompleted(): void {
    this.#hasTurned = true
  }

  async check(): Promise<HerderHealth> {
    const answered = this.#queue.submit(() => undefined)
    const limits = {
      clock: this.#clock,
      deadline: this.#clock.monotonic() + answerWithinMs,
      what: 'A turn of the loop'
    }
    try {
      await withinLimits(answered, limits)
      return { status: 'healthy', message: 'The herder answers.' }
    } catch {
      return this.#describeActivity()
    }
  }

  #describeActivity(): HerderHealth {
    const seconds = ((this.#clock.monotonic() - this.#sinceMs) / 1000).toFixed(1)
    const message = `The herder has been ${this.#activity} for ${seconds} s.`
    return { status: this.#hasTurned ? 'unhealthy' : 'starting', message }
  }
}
