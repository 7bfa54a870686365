import { Backoff } from '../base/backoff.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'
import { type Random } from '../base/random.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { asConnectionError } from './broker-router.ts'
import { type CallLimits, abortError, withinLimits } from './deadline.ts'

export interface CallRetryOptions {
  readonly settings: Pick<ClientSettings, 'retryBackoffMs' | 'retryBackoffMaxMs'>
  readonly clock: Clock
  readonly random: Random
  /** Aborted when the client is closed: every call ends then. */
  readonly closing: AbortSignal
  /** What calls of a closed client end with. */
  readonly closedError: () => MirrorError
}

/** Tries calls again, with backoff, until they succeed, fail for good, or are out of time. */
export class CallRetry {
  readonly #options: CallRetryOptions

  constructor(options: CallRetryOptions) {
    this.#options = options
  }

  async run<T>(limits: CallLimits, attempt: () => Promise<T>): Promise<T> {
    const { clock, settings, random, closing } = this.#options
    const backoff = new Backoff({ initialMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs }, random)
    let reason: MirrorError | null = null
    for (;;) {
      this.checkOpen()
      try {
        return await withinLimits(attempt(), limits)
      } catch (thrown) {
        const error = asConnectionError(thrown)
        this.checkOpen()
        if (limits.signal?.aborted === true) throw abortError(limits.what)
        // An idle connection may have been closed between being chosen and being used: MIRROR_CLOSED is retried too.
        if (!error.retriable && error.code !== 'MIRROR_CLOSED') throw error
        // Once the deadline has passed, the reason of the attempt before says more than "no answer".
        if (clock.monotonic() < limits.deadline || reason === null) reason = error
      }
      const delayMs = backoff.nextMs()
      if (clock.monotonic() + delayMs >= limits.deadline) {
        const message = `${limits.what}: given up: ${reason.message}`
        throw new MirrorError(reason.code, message, { retriable: true, cause: reason })
      }
      await withinLimits(sleep(clock, delayMs, closing), limits)
    }
  }

  checkOpen(): void {
    if (this.#options.closing.aborted) throw this.#options.closedError()
  }
}
