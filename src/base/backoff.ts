import { type Random } from './random.ts'

export interface BackoffOptions {
  readonly initialMs: number
  readonly maxMs: number
  /** Growth from one attempt to the next. Default 2. */
  readonly factor?: number
  /** Share of the delay that is drawn at random, as in the Java clients. Default 0.2: between 80 % and 120 %. */
  readonly jitter?: number
}

/** Exponential delays with jitter, so that many clients that lost the same broker do not come back in step. */
export class Backoff {
  readonly #options: Required<BackoffOptions>
  readonly #random: Random
  #attempts = 0

  constructor(options: BackoffOptions, random: Random) {
    this.#options = { factor: 2, jitter: 0.2, ...options }
    this.#random = random
  }

  /** Attempts since the last reset. */
  get attempts(): number {
    return this.#attempts
  }

  /** Counts an attempt and returns the delay before it, in milliseconds. */
  nextMs(): number {
    const { initialMs, maxMs, factor, jitter } = this.#options
    const plain = Math.min(initialMs * factor ** this.#attempts, maxMs)
    this.#attempts += 1
    return Math.round(plain * (1 - jitter + 2 * jitter * this.#random()))
  }

  reset(): void {
    this.#attempts = 0
  }
}
