import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'

/** Logs that a cluster went away or came back: once per change of state, whatever the number of attempts. */
export class Reachability {
  readonly #alias: string
  readonly #logger: Logger
  #state: 'unknown' | 'reachable' | 'unreachable' = 'unknown'

  constructor(alias: string, logger: Logger) {
    this.#alias = alias
    this.#logger = logger
  }

  reached(): void {
    if (this.#state === 'unreachable') {
      this.#logger.info({ cluster: this.#alias }, `Cluster ${this.#alias} is reachable again`)
    }
    this.#state = 'reachable'
  }

  /** @param addresses Everything that was tried, as `host:port`. */
  missed(addresses: readonly string[], cause: MirrorError): void {
    if (this.#state === 'unreachable') return
    this.#state = 'unreachable'
    this.#logger.warn(
      { cluster: this.#alias, addresses, error: cause.message, code: cause.code },
      `No broker of cluster ${this.#alias} can be reached at ${addresses.join(', ')} (${cause.message}); trying on. ` +
        `Check ${this.#alias}.bootstrap.servers, the network and the security settings`
    )
  }
}
