import { type Clock, sleep } from '../../base/clock.ts'
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
    const answered = new AbortController()
    const loop = this.#queue
      .submit(() => undefined)
      .then(
        () => true,
        () => false
      )
    const isAnswered = await Promise.race([loop, sleep(this.#clock, answerWithinMs, answered.signal).then(() => false)])
    answered.abort()
    if (isAnswered) return { status: 'healthy', message: 'The herder answers.' }
    const seconds = ((this.#clock.monotonic() - this.#sinceMs) / 1000).toFixed(1)
    const message = `The herder has been ${this.#activity} for ${seconds} s.`
    return { status: this.#hasTurned ? 'unhealthy' : 'starting', message }
  }
}
