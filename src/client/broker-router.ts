import { type Clock, sleep } from '../base/clock.ts'
import { MirrorError, asError } from '../base/errors.ts'
import { type Random } from '../base/random.ts'
import { type BrokerAddress } from '../config/client-settings.ts'
import { type Connection } from '../net/connection.ts'
import { type BrokerConnections, addressKey, controlPurpose } from './broker-connections.ts'
import { type MetadataState } from './metadata-state.ts'

export interface BrokerRouterOptions {
  readonly alias: string
  readonly bootstrapServers: readonly BrokerAddress[]
  readonly connections: BrokerConnections
  readonly metadata: MetadataState
  /** Every address was tried in vain. */
  readonly onMissed: (addresses: readonly string[], cause: MirrorError) => void
  readonly clock: Clock
  readonly random: Random
}

/** Chooses which broker answers, and gives a control connection to it. */
export class BrokerRouter {
  readonly #options: BrokerRouterOptions

  constructor(options: BrokerRouterOptions) {
    this.#options = options
  }

  /** Throws a retriable MIRROR_NETWORK when metadata does not know the broker. */
  addressOf(nodeId: number): BrokerAddress {
    const { alias, metadata } = this.#options
    const broker = metadata.broker(nodeId)
    if (broker !== undefined) return broker
    throw new MirrorError('MIRROR_NETWORK', `Cluster ${alias} does not name a broker ${nodeId} now`, {
      retriable: true
    })
  }

  async controlOf(address: BrokerAddress): Promise<Connection> {
    return await this.#options.connections.connect(address, controlPurpose)
  }

  /**
   * A connection to whichever broker answers: one that is open already, else the known brokers, else the bootstrap
   * addresses, so that a cluster whose brokers have all moved is found again. One pass; throws the reason of the last
   * failure, or the one that an operator must act on (credentials, certificates).
   */
  async any(): Promise<Connection> {
    const { connections, clock, onMissed } = this.#options
    const candidates = this.#candidates()
    for (const address of candidates) {
      const open = connections.existing(address, controlPurpose)
      if (open !== undefined) return open
    }
    const waitMs = Math.min(...candidates.map((address) => connections.backoffLeftMs(address)))
    if (waitMs > 0) await sleep(clock, waitMs)
    let reason: MirrorError | null = null
    const ready = candidates.filter((address) => connections.backoffLeftMs(address) === 0)
    for (const address of ready) {
      try {
        return await this.controlOf(address)
      } catch (thrown) {
        const error = asConnectionError(thrown)
        if (error.code === 'MIRROR_CLOSED') throw error
        if (reason?.retriable !== false) reason = error
      }
    }
    // Other callers may have tried them all meanwhile.
    const [before] = candidates.map((address) => connections.lastFailure(address)).filter((error) => error !== null)
    reason ??= asConnectionError(
      before ?? new MirrorError('MIRROR_NETWORK', 'no broker was tried', { retriable: true })
    )
    onMissed(candidates.map(addressKey), reason)
    throw reason
  }

  /** Known brokers first, those that failed least before the others, then bootstrap addresses, both in random order. */
  #candidates(): BrokerAddress[] {
    const { bootstrapServers, metadata, connections } = this.#options
    const known = this.#shuffled(metadata.brokers).sort((a, b) => connections.failures(a) - connections.failures(b))
    const keys = new Set(known.map(addressKey))
    return [...known, ...this.#shuffled(bootstrapServers).filter((address) => !keys.has(addressKey(address)))]
  }

  #shuffled(addresses: readonly BrokerAddress[]): BrokerAddress[] {
    return addresses
      .map((address) => ({ address, order: this.#options.random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ address }) => address)
  }
}

/** Anything but a MirrorError is a defect of this program; it is kept as cause and not retried. */
export function asConnectionError(thrown: unknown): MirrorError {
  if (thrown instanceof MirrorError) return thrown
  return new MirrorError('MIRROR_NETWORK', asError(thrown).message, { cause: thrown })
}
