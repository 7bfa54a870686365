import { type Clock, sleep } from '../../base/clock.ts'
import { failureKind, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'

const pauseMs = 1000

/** Errors of one kind of call that may go away: told once, and waited out. */
export class RetriableTrouble {
  readonly #options: { readonly id: string; readonly clock: Clock; readonly logger: Logger }
  readonly #stopping: AbortSignal
  #told: string | undefined

  /** @param options `id` of the task, for log lines */
  constructor(options: { readonly id: string; readonly clock: Clock; readonly logger: Logger }, stopping: AbortSignal) {
    this.#options = options
    this.#stopping = stopping
  }

  /** For an error that may go away: says so once, and waits a while. Throws others. `what` is a sentence without its end. */
  async pauseOrThrow(error: Error, what: string): Promise<void> {
    if (!(error instanceof MirrorError) || !error.retriable) throw error
    const { id, clock, logger } = this.#options
    const kind = failureKind(error)
    if (this.#told !== kind) {
      this.#told = kind
      logger.warn({ task: id, err: error }, `${what}; tried again until it works`)
    }
    await sleep(clock, pauseMs, this.#stopping)
  }

  /** A call has succeeded. */
  over(): void {
    this.#told = undefined
  }
}
