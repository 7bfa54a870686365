import { type Clock } from '../base/clock.ts'
import { type Connection } from '../net/connection.ts'
import { coordinatorKeyType, findCoordinator } from '../wire/api/10-find-coordinator.ts'
import { type ApiMessage } from '../wire/api-message.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { withinLimits } from './deadline.ts'

/**
 * Requests that must not wait for each other have a connection each: brokers answer one after the other, and a join is
 * answered only when the whole group has joined.
 */
export type MemberPurpose = 'join' | 'heartbeat'

/** The broker that coordinates the group of one member, and the member's own connections to it. */
export class GroupMemberCoordinator {
  readonly #cluster: Cluster
  readonly #groupId: string
  readonly #clock: Clock
  readonly #connections = new Map<MemberPurpose, Connection>()
  #nodeId: number | undefined
  /** Aborted when the coordinator is lost: whoever waits for it, or for a connection to it, waits in vain. */
  #term = new AbortController()

  constructor(cluster: Cluster, groupId: string, clock: Clock) {
    this.#cluster = cluster
    this.#groupId = groupId
    this.#clock = clock
  }

  get isKnown(): boolean {
    return this.#nodeId !== undefined
  }

  async find(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const request = { key: this.#groupId, keyType: coordinatorKeyType.group }
    const found = await this.#cluster.request({ any: true }, findCoordinator, request, { deadlineMs, signal })
    if (found.errorCode !== brokerErrors.NONE) {
      throw brokerError(found.errorCode, this.#describe(findCoordinator), found.errorMessage)
    }
    this.#nodeId = found.nodeId
    this.#term = new AbortController()
  }

  /** Error codes inside the response are the caller's. */
  async send<Request, Response>(
    purpose: MemberPurpose,
    api: ApiMessage<Request, Response>,
    request: Request,
    timeoutMs: number
  ): Promise<Response> {
    if (this.#nodeId === undefined) throw brokerError(brokerErrors.COORDINATOR_NOT_AVAILABLE, this.#describe(api))
    const deadline = this.#clock.monotonic() + timeoutMs
    const limits = { clock: this.#clock, deadline, signal: this.#term.signal, what: this.#describe(api) }
    const connection = await withinLimits(this.#connect(this.#nodeId, purpose), limits)
    return await withinLimits(connection.request(api, request, { timeoutMs }), limits)
  }

  /** To be looked for again; ends what waits for an answer. */
  lose(): void {
    if (this.#nodeId === undefined) return
    this.#nodeId = undefined
    this.close()
  }

  close(): void {
    this.#term.abort()
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  async #connect(nodeId: number, purpose: MemberPurpose): Promise<Connection> {
    const connection = await this.#cluster.dataConnection(nodeId, `group ${this.#groupId} ${purpose}`, 'control')
    this.#connections.set(purpose, connection)
    return connection
  }

  #describe(api: ApiMessage<never, unknown>): string {
    return `${this.#cluster.alias}: ${api.name} for group ${this.#groupId}`
  }
}
