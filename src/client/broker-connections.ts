import { Backoff } from '../base/backoff.ts'
import { type CancelTimer, type Clock, sleep } from '../base/clock.ts'
import { MirrorError, asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type BrokerAddress, type ClientSettings } from '../config/client-settings.ts'
import { type Connection, type ConnectionKind, type OpenConnection } from '../net/connection.ts'

export interface BrokerConnectionsOptions {
  readonly settings: ClientSettings
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly maxDataFrameBytes: number
}

/** The purpose of connections for small requests, shared by all callers. */
export const controlPurpose = 'control'

/** A cluster's metadata with 100,000 partitions takes about 10 MB; this only bounds what a broken peer can make us hold. */
const maxControlFrameBytes = 128 * 1024 * 1024
const shortestSweepMs = 1_000

interface BrokerRecord {
  readonly backoff: Backoff
  /** clock.monotonic() before which the broker is not tried again. */
  notBeforeMs: number
  lastFailure: Error | null
}

export function addressKey(address: BrokerAddress): string {
  return `${address.host}:${address.port}`
}

/**
 * Open connections of one client, at most one per broker address and purpose, with one reconnect backoff per address
 * whatever the purpose. Closes those that were idle longer than connections.max.idle.ms.
 */
export class BrokerConnections {
  readonly #options: BrokerConnectionsOptions
  readonly #open = new Map<string, Connection>()
  readonly #opening = new Map<string, Promise<Connection>>()
  readonly #brokers = new Map<string, BrokerRecord>()
  readonly #abort = new AbortController()
  #cancelSweep: CancelTimer | null = null

  constructor(options: BrokerConnectionsOptions) {
    this.#options = options
  }

  /** An open connection, or undefined. */
  existing(address: BrokerAddress, purpose: string): Connection | undefined {
    const connection = this.#open.get(connectionKey(address, purpose))
    return connection?.closed === false ? connection : undefined
  }

  /** Milliseconds until the address may be tried again; 0 when now. */
  backoffLeftMs(address: BrokerAddress): number {
    const notBeforeMs = this.#brokers.get(addressKey(address))?.notBeforeMs ?? 0
    const leftMs = notBeforeMs - this.#options.clock.monotonic()
    // Timers may fire a fraction of a millisecond early.
    return leftMs < 1 ? 0 : leftMs
  }

  /** Failures in a row, whatever the purpose. */
  failures(address: BrokerAddress): number {
    return this.#brokers.get(addressKey(address))?.backoff.attempts ?? 0
  }

  /** Why the last attempt failed; null when it did not. */
  lastFailure(address: BrokerAddress): Error | null {
    return this.#brokers.get(addressKey(address))?.lastFailure ?? null
  }

  /** The open connection or a new one, after the rest of the address's backoff. Callers at the same time share it. */
  async connect(address: BrokerAddress, purpose: string, kind: ConnectionKind = 'control'): Promise<Connection> {
    const existing = this.existing(address, purpose)
    if (existing !== undefined) return existing
    const key = connectionKey(address, purpose)
    let opening = this.#opening.get(key)
    if (opening === undefined) {
      opening = this.#connect(address, purpose, kind).finally(() => this.#opening.delete(key))
      this.#opening.set(key, opening)
    }
    return await opening
  }

  close(): void {
    this.#abort.abort()
    this.#cancelSweep?.()
    for (const connection of this.#open.values()) connection.close()
    this.#open.clear()
  }

  async #connect(address: BrokerAddress, purpose: string, kind: ConnectionKind): Promise<Connection> {
    const { clock, settings, logger, maxDataFrameBytes } = this.#options
    const waitMs = this.backoffLeftMs(address)
    if (waitMs > 0) await sleep(clock, waitMs, this.#abort.signal)
    this.#checkOpen(address)
    const startedMs = clock.monotonic()
    let connection: Connection
    try {
      connection = await this.#options.openConnection({
        host: address.host,
        port: address.port,
        clientId: settings.clientId,
        security: settings.security,
        connectTimeoutMs: settings.connectTimeoutMs,
        requestTimeoutMs: settings.requestTimeoutMs,
        kind,
        maxFrameBytes: kind === 'control' ? maxControlFrameBytes : maxDataFrameBytes,
        clock,
        logger
      })
    } catch (thrown) {
      const error = asError(thrown)
      this.#countFailure(address, startedMs, error)
      throw error
    }
    if (this.#abort.signal.aborted) connection.close()
    this.#checkOpen(address)
    this.#brokers.delete(addressKey(address))
    this.#register(address, purpose, connection)
    return connection
  }

  #register(address: BrokerAddress, purpose: string, connection: Connection): void {
    const key = connectionKey(address, purpose)
    this.#open.set(key, connection)
    const openedMs = this.#options.clock.monotonic()
    void connection.whenClosed.then((error) => {
      if (this.#open.get(key) === connection) this.#open.delete(key)
      // A peer that takes connections and drops them at once is not to be tried in a tight loop either.
      if (error !== null) this.#countFailure(address, openedMs, error)
    })
    this.#scheduleSweep()
  }

  /** Several connections to a broker that goes away fail together: that counts as one attempt. */
  #countFailure(address: BrokerAddress, startedMs: number, error: Error): void {
    const { settings, random, clock } = this.#options
    const key = addressKey(address)
    let record = this.#brokers.get(key)
    if (record === undefined) {
      const backoff = new Backoff(
        { initialMs: settings.reconnectBackoffMs, maxMs: settings.reconnectBackoffMaxMs },
        random
      )
      record = { backoff, notBeforeMs: 0, lastFailure: null }
      this.#brokers.set(key, record)
    }
    record.lastFailure = error
    if (record.notBeforeMs > startedMs) return
    record.notBeforeMs = clock.monotonic() + record.backoff.nextMs()
  }

  #checkOpen(address: BrokerAddress): void {
    if (!this.#abort.signal.aborted) return
    throw new MirrorError('MIRROR_CLOSED', `Connection to ${addressKey(address)} not opened: the client is closed`)
  }

  #scheduleSweep(): void {
    const { connectionsMaxIdleMs: idleMs } = this.#options.settings
    if (idleMs < 0 || this.#cancelSweep !== null) return
    this.#cancelSweep = this.#options.clock.schedule(Math.max(idleMs / 4, shortestSweepMs), () => {
      this.#cancelSweep = null
      const idleSinceMs = this.#options.clock.monotonic() - idleMs
      for (const connection of this.#open.values()) {
        if (connection.pendingRequests === 0 && connection.lastUsedMs <= idleSinceMs) connection.close()
      }
      if (this.#open.size > 0) this.#scheduleSweep()
    })
  }
}

function connectionKey(address: BrokerAddress, purpose: string): string {
  return `${purpose}@${addressKey(address)}`
}
