import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'

/**
 * Logs that a cluster went away or came back: once per change of state, whatever the number of attempts, and of the clients
 * that share one of these. It is away from the first client that misses it until the last of those reaches it again.
 */
export class Reachability {
  readonly #logger: Logger
  /** By alias, the clients that cannot reach it. */
  readonly #missedBy = new Map<string, Set<object>>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  reached(client: object, alias: string): void {
    if (this.#forget(client, alias)) this.#logger.info({ cluster: alias }, `Cluster ${alias} is reachable again`)
  }

  /** @param addresses Everything that was tried, as `host:port`. */
  missed(client: object, alias: string, failure: { addresses: readonly string[]; cause: MirrorError }): void {
    const clients = this.#missedBy.get(alias)
    if (clients !== undefined) {
      clients.add(client)
      return
    }
    this.#missedBy.set(alias, new Set([client]))
    const { addresses, cause } = failure
    this.#logger.warn(
      { cluster: alias, addresses, error: cause.message, code: cause.code },
      `No broker of cluster ${alias} can be reached at ${addresses.join(', ')} (${cause.message}); trying on. ` +
        `Check ${alias}.bootstrap.servers, the network and the security settings`
    )
  }

  /** The client tries no more. */
  closed(client: object, alias: string): void {
    this.#forget(client, alias)
  }

  /** Whether this was the last one that missed the cluster. */
  #forget(client: object, alias: string): boolean {
    const clients = this.#missedBy.get(alias)
    if (clients?.delete(client) !== true || clients.size > 0) return false
    return this.#missedBy.delete(alias)
  }
}
