import { type MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'

/** One broker of a cluster that has others. */
export interface BrokerName {
  readonly alias: string
  readonly nodeId: number
}

/**
 * Logs that a cluster or a broker went away or came back: once per change of state, whatever the number of attempts, and of
 * the clients that share one of these. A cluster is away from the first client that misses it until the last of those
 * reaches it again; a broker is back with the first: who has nothing for it any more, because leaders moved, does not try.
 */
export class Reachability {
  readonly #logger: Logger
  /** By alias, or alias and node, the clients that cannot reach it. */
  readonly #missedBy = new Map<string, Set<object>>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  reached(client: object, alias: string): void {
    if (this.#forget(client, alias)) this.#logger.info({ cluster: alias }, `Cluster ${alias} is reachable again`)
  }

  /** @param addresses Everything that was tried, as `host:port`. */
  missed(client: object, alias: string, failure: { addresses: readonly string[]; cause: MirrorError }): void {
    if (!this.#add(client, alias)) return
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

  /** By one who missed it before. */
  brokerReached(broker: BrokerName): void {
    if (!this.#missedBy.delete(keyOf(broker))) return
    const { alias, nodeId } = broker
    this.#logger.info(
      { cluster: alias, broker: nodeId },
      `Broker ${nodeId} of cluster ${alias} can be written to again`
    )
  }

  brokerMissed(sender: object, broker: BrokerName, cause: Error): void {
    if (!this.#add(sender, keyOf(broker))) return
    const { alias, nodeId } = broker
    this.#logger.warn(
      { cluster: alias, broker: nodeId },
      `Broker ${nodeId} of cluster ${alias} cannot be written to (${cause.message}); trying on`
    )
  }

  /** The sender tries no more. */
  brokerClosed(sender: object, broker: BrokerName): void {
    this.#forget(sender, keyOf(broker))
  }

  /** Whether this is the first one that misses it. */
  #add(client: object, key: string): boolean {
    const clients = this.#missedBy.get(key)
    if (clients === undefined) this.#missedBy.set(key, new Set([client]))
    else clients.add(client)
    return clients === undefined
  }

  /** Whether this was the last one that missed it. */
  #forget(client: object, key: string): boolean {
    const clients = this.#missedBy.get(key)
    if (clients?.delete(client) !== true || clients.size > 0) return false
    return this.#missedBy.delete(key)
  }
}

function keyOf({ alias, nodeId }: BrokerName): string {
  return JSON.stringify([alias, nodeId])
}
