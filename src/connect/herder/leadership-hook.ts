import { Backoff } from '../../base/backoff.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type Membership } from './membership.ts'
import { type RequestQueue } from './request-queue.ts'

export interface LeadershipHookOptions {
  readonly run: () => Promise<void>
  readonly membership: Membership
  readonly queue: RequestQueue
  readonly random: Random
  readonly logger: Logger
}

/** Runs what a new leader has to do (spec 0.2) beside the loop, since it submits requests to it. */
export class LeadershipHook {
  readonly #options: LeadershipHookOptions
  readonly #backoff: Backoff
  #wasLeader = false
  #isRunning = false

  constructor(options: LeadershipHookOptions) {
    this.#options = options
    this.#backoff = new Backoff({ initialMs: 1000, maxMs: 60_000 }, options.random)
  }

  /** To be called after each rebalance without revocations. */
  rebalanced(isLeader: boolean): void {
    const isGained = isLeader && !this.#wasLeader
    this.#wasLeader = isLeader
    if (isGained) this.#start()
  }

  #start(): void {
    if (this.#isRunning) return
    const { run, membership, queue, logger } = this.#options
    this.#isRunning = true
    run().then(
      () => {
        this.#isRunning = false
        this.#backoff.reset()
      },
      (thrown: unknown) => {
        this.#isRunning = false
        // Whoever leads now does it; should that be this worker again, nothing is done yet.
        if (!membership.isLeader) {
          this.#wasLeader = false
          return
        }
        const delayMs = this.#backoff.nextMs()
        logger.warn({ err: asError(thrown), delayMs }, 'The connectors could not be configured; tried again later')
        queue.schedule(delayMs, () => {
          if (membership.isLeader) this.#start()
        })
      }
    )
  }
}
