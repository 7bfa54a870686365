import { Backoff } from '../base/backoff.ts'
import { type CancelTimer, type Clock } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { LastingFailures } from './lasting-failures.ts'

export interface PeriodicJobOptions {
  /** What the job is about and what it does to that, for messages: `The ACLs of A->B`, `copied`. */
  readonly subject: string
  readonly deed: string
  /** From the start of one run to the start of the next; null: runs until it succeeds, and never again. */
  readonly intervalMs: number | null
  /** A run that takes longer is warned of. */
  readonly slowAfterMs: number
  /** Resolves to whether all was done; what was not is tried again soon. Rejects where nothing could be done. */
  readonly run: (signal: AbortSignal) => Promise<boolean>
  /** Whether a cluster that it needs is away, which that cluster's client has told: then a failure is no news. */
  readonly isAway: () => boolean
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Pause before what failed is tried again; never longer than the interval. */
const retryBackoff = { initialMs: 1000, maxMs: 60_000 }

/** Work that is repeated (spec 13.1): never two runs at once, a late one is followed at once by the next, none after `stop`. */
export class PeriodicJob {
  readonly #options: PeriodicJobOptions
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  readonly #failures = new LastingFailures()
  #cancelNext: CancelTimer | undefined
  #wasSlow = false

  constructor(options: PeriodicJobOptions) {
    this.#options = options
    this.#backoff = new Backoff(retryBackoff, options.random)
  }

  /** To be called once. Resolves when the first run has ended, well or badly. */
  async start(): Promise<void> {
    if (!this.#isStopping()) await this.#runAndPlan()
  }

  /** A run that is under way is told by its signal, and not waited for. */
  stop(): void {
    this.#stopping.abort()
    this.#cancelNext?.()
  }

  async #runAndPlan(): Promise<void> {
    const { clock, intervalMs } = this.#options
    const startedAt = clock.monotonic()
    const isComplete = await this.#run()
    if (this.#isStopping()) return
    const delayMs = this.#nextDelayMs(isComplete, intervalMs, clock.monotonic() - startedAt)
    if (delayMs === null) return
    this.#cancelNext = clock.schedule(delayMs, () => {
      void this.#runAndPlan()
    })
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  #nextDelayMs(isComplete: boolean, intervalMs: number | null, tookMs: number): number | null {
    if (!isComplete) return Math.min(this.#backoff.nextMs(), intervalMs ?? Infinity)
    this.#backoff.reset()
    return intervalMs === null ? null : Math.max(0, intervalMs - tookMs)
  }

  /** Never rejects. */
  async #run(): Promise<boolean> {
    const { run, subject, deed, clock, logger, slowAfterMs } = this.#options
    let isSlow = false
    const cancelSlow = clock.schedule(slowAfterMs, () => {
      isSlow = true
      if (this.#wasSlow) return
      this.#wasSlow = true
      logger.warn({ slowAfterMs }, `${subject} are still being ${deed} after ${slowAfterMs} ms (admin.timeout.ms)`)
    })
    try {
      const isComplete = await run(this.#stopping.signal)
      if (this.#failures.ended(subject)) logger.info({}, `${subject} can be ${deed} again`)
      return isComplete
    } catch (thrown) {
      this.#report(asError(thrown))
      return false
    } finally {
      cancelSlow()
      this.#wasSlow = isSlow
    }
  }

  #report(error: Error): void {
    const { subject, deed, logger, isAway } = this.#options
    if (this.#isStopping()) return
    if (isAway()) {
      logger.debug({ err: error }, `${subject} cannot be ${deed} while a cluster is away`)
      return
    }
    if (!this.#failures.isNew(subject, error)) return
    logger.warn(
      { err: error },
      `${subject} cannot be ${deed}: ${error.message}. What there is stays so; it is tried again until it succeeds`
    )
  }
}
