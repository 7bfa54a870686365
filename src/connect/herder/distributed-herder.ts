import { deferred } from '../../base/deferred.ts'
import { type DistributedHerderOptions } from './herder-options.ts'

/** Runs one route's share of a Connect group: the loop that joins, starts and stops work, and serves requests. */
export class DistributedHerder {
  /** Settles when the loop has ended: undefined after a stop, the error that ended it otherwise. Never rejects. */
  readonly done: Promise<Error | undefined>
  readonly #ended = deferred<Error | undefined>()
  readonly #options: DistributedHerderOptions

  constructor(options: DistributedHerderOptions) {
    this.#options = options
    this.done = this.#ended.promise
  }

  /** Opens the stores and starts the loop; waits for an absent cluster. Throws MIRROR_INTERNAL_TOPIC. */
  async start(): Promise<void> {
    await this.#options.stores.status.start()
  }

  /** Ends within about `timeoutMs`: connectors and tasks stopped, statuses written, group left, stores closed. */
  async stop(timeoutMs: number): Promise<void> {
    await this.#options.stores.status.flush(timeoutMs)
    this.#ended.resolve(undefined)
  }
}
