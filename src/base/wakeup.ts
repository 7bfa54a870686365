import { type Clock } from './clock.ts'

/**
 * Lets a loop sleep until something happens or a time has passed. A notification while nobody sleeps is kept, so what
 * happened between a loop's last look and its sleep is not missed. All that sleep are woken together.
 */
export class Wakeup {
  readonly #clock: Clock
  #sleepers: (() => void)[] = []
  #isNotified = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  notify(): void {
    if (this.#sleepers.length === 0) {
      this.#isNotified = true
      return
    }
    const sleepers = this.#sleepers
    this.#sleepers = []
    for (const wake of sleepers) wake()
  }

  /** Resolves at the next notification, at once when there was one since the last wait, or after `timeoutMs`. */
  async wait(timeoutMs?: number): Promise<void> {
    if (this.#isNotified) {
      this.#isNotified = false
      return
    }
    await new Promise<void>((resolve) => {
      const expire = (): void => {
        this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== wake)
        resolve()
      }
      const cancel = timeoutMs === undefined ? undefined : this.#clock.schedule(timeoutMs, expire)
      const wake = (): void => {
        cancel?.()
        resolve()
      }
      this.#sleepers.push(wake)
    })
  }
}
