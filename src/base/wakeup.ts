import { type Clock } from './clock.ts'

/**
 * Lets one loop sleep until something happens or a time has passed. A notification while the loop is busy is kept, so
 * what happened between its last look and its sleep is not missed.
 */
export class Wakeup {
  readonly #clock: Clock
  #isNotified = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  notify(): void {
    this.#isNotified = true
    this.#wake?.()
  }

  /** Resolves at the next notification, at once when there was one since the last wait, or after `timeoutMs`. */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.#isNotified) {
      await new Promise<void>((resolve) => {
        const cancel = timeoutMs === undefined ? undefined : this.#clock.schedule(timeoutMs, resolve)
        this.#wake = () => {
          cancel?.()
          resolve()
        }
      })
      this.#wake = undefined
    }
    this.#isNotified = false
  }
}
