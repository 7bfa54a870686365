import { type Clock } from '../../base/clock.ts'
import { MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { Wakeup } from '../../base/wakeup.ts'
import { type Cluster } from '../../client/cluster.ts'
import { GroupMember, type GroupGeneration, type LeadershipRound } from '../../client/group-member.ts'
import { type CoordinatorObserver, silentCoordinatorObserver } from '../metrics/group-observers.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ConfigSnapshot } from '../storage/config-store.ts'
import {
  type ConnectProtocol,
  type MemberAssignment,
  assignmentErrors,
  decodeAssignment,
  encodeMetadata,
  isConnectProtocol,
  offeredProtocols,
  protocolVersions
} from './connect-protocol.ts'
import { type EncodedAssignment, GroupLeader } from './group-leader.ts'
import { WorkSet, connectorItself } from './work-set.ts'
import { type WorkerAssignment, type WorkerGroup, type WorkerGroupCallbacks } from './worker-group.ts'

/** Worker keys of spec 1.1, as `connect/worker-options.ts` names them. */
export interface WorkerGroupSettings {
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  /** connect.protocol */
  readonly protocol: 'eager' | 'compatible' | 'sessioned'
  readonly scheduledRebalanceMaxDelayMs: number
  readonly retryBackoffMs: number
}

export interface KafkaWorkerGroupOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** Where other workers reach this one: the advertised URL, or `NOTUSED` while the internal REST is off. */
  readonly url: string
  /**
   * As leader, own every connector: a follower that owns one hands its task configs to the leader over the internal REST,
   * which there is not while that is off.
   */
  readonly keepConnectorsAtLeader: boolean
  readonly settings: WorkerGroupSettings
  readonly callbacks: WorkerGroupCallbacks
  /** Default: nobody. */
  readonly observer?: CoordinatorObserver
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * Membership in the Connect group of a target cluster, over the classic group protocol. What the worker runs survives a
 * rebalance, and also a lost membership: it joins again with what it has, and the leader decides. Meanwhile there is no lease,
 * so that it produces nothing; and before there is one again, the owner finds out what others did meanwhile.
 */
export class KafkaWorkerGroup implements WorkerGroup {
  readonly #options: KafkaWorkerGroupOptions
  readonly #member: GroupMember
  readonly #leader: GroupLeader
  readonly #observer: CoordinatorObserver
  readonly #wakeup: Wakeup
  #isWoken = false
  #isClosed = false
  /** Configs that the last join was made with. */
  #snapshot: ConfigSnapshot | undefined
  #protocol: ConnectProtocol | undefined
  /** As the leader sent it last, with all that is owned as `assigned`. */
  #held: MemberAssignment | undefined
  #assignment: WorkerAssignment | undefined
  #lastCompletedGeneration = -1

  constructor(options: KafkaWorkerGroupOptions) {
    const { cluster, groupId, settings, callbacks, clock, random, logger } = options
    this.#options = options
    this.#observer = options.observer ?? silentCoordinatorObserver
    this.#wakeup = new Wakeup(clock)
    this.#leader = new GroupLeader({
      maxDelayMs: settings.scheduledRebalanceMaxDelayMs,
      keepConnectorsAtLeader: options.keepConnectorsAtLeader,
      configSnapshot: () => callbacks.configSnapshot(),
      clock,
      logger
    })
    this.#member = new GroupMember({
      ...{ cluster, groupId, protocolType: 'connect', clock, random, logger },
      sessionTimeoutMs: settings.sessionTimeoutMs,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
      retryBackoffMs: settings.retryBackoffMs,
      handler: {
        protocols: () => this.#offer(),
        assign: (round) => this.#lead(round),
        timed: (what, durationMs) => {
          if (what === 'heartbeat') this.#observer.heartbeat(durationMs)
          else if (what === 'join') this.#observer.joined(durationMs)
          else if (what === 'sync') this.#observer.synced(durationMs)
          else this.#observer.rebalanced(durationMs)
        },
        roundFailed: () => {
          this.#observer.rebalanceFailed()
        },
        changed: () => {
          this.#wakeup.notify()
        }
      }
    })
  }

  get memberId(): string {
    return this.#member.memberId
  }

  get protocol(): ConnectProtocol | undefined {
    return this.#protocol
  }

  get isRejoinNeeded(): boolean {
    return this.#member.isRejoinNeeded
  }

  get leaseEndsAt(): number {
    return this.#member.leaseEndsAt
  }

  async ensureMember(timeoutMs: number): Promise<WorkerAssignment | undefined> {
    this.#checkOpen()
    const deadline = this.#options.clock.monotonic() + timeoutMs
    this.#member.ownerWaits()
    try {
      for (;;) {
        const assignment = await this.#step()
        if (assignment !== undefined) return assignment
        const leftMs = deadline - this.#options.clock.monotonic()
        if (leftMs <= 0 || this.#takeWake()) return undefined
        await this.#wakeup.wait(leftMs)
        this.#checkOpen()
      }
    } finally {
      this.#member.ownerTurnsAway()
    }
  }

  async waitForEvent(timeoutMs: number): Promise<void> {
    const { clock } = this.#options
    const deadline = clock.monotonic() + timeoutMs
    const isQuiet = (): boolean => !this.#isClosed && !this.isRejoinNeeded && this.#member.isCoordinatorKnown
    this.#member.ownerWaits()
    while (!this.#takeWake() && isQuiet()) {
      const leftMs = deadline - clock.monotonic()
      if (leftMs <= 0) break
      await this.#wakeup.wait(leftMs)
    }
    this.#member.ownerTurnsAway()
  }

  wake(): void {
    this.#isWoken = true
    this.#wakeup.notify()
  }

  requestRejoin(reason: string): void {
    this.#member.requestRejoin(reason)
    this.#wakeup.notify()
  }

  async leave(reason: string): Promise<void> {
    await this.#member.leave(reason, this.#options.settings.sessionTimeoutMs)
  }

  ownerUrl(item: string | ConnectorTaskId): string | undefined {
    if (this.memberId === '') return undefined
    return this.#leader.ownerUrl(typeof item === 'string' ? { connector: item, task: connectorItself } : item)
  }

  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#wakeup.notify()
    await this.#member.leave('the worker stops', timeoutMs)
    this.#member.close()
    this.#observer.closed()
  }

  /** One look at the member: the newest assignment, or undefined when that, or the lease, has to be waited for. */
  async #step(): Promise<WorkerAssignment | undefined> {
    const completed = this.#member.takeGeneration()
    if (completed !== undefined) await this.#complete(completed)
    if (completed !== undefined || (this.#member.isCoordinatorKnown && !this.#member.isRejoinNeeded)) {
      // Also of a worker that was stopped for long and does not know yet that others do its work, or lead.
      return this.#member.isLeaseHeld ? this.#assignment : undefined
    }
    // The eager protocol deals everything out anew: nothing may run meanwhile.
    if (this.#protocol === 'default' && this.#member.isRejoinNeeded) {
      await this.#revokeAll('the group rebalances eagerly')
    }
    this.#member.advance()
    return undefined
  }

  async #complete(completed: GroupGeneration): Promise<void> {
    const { generation, protocol, isLeader, assignment } = completed
    const told = this.#decode(assignment)
    const before = this.#held?.assigned ?? new WorkSet()
    const revoked = protocol === 'default' ? before.minus(told.assigned) : before.intersection(told.revoked)
    const owned = protocol === 'default' ? told.assigned : before.minus(revoked).plus(told.assigned)
    this.#protocol = isConnectProtocol(protocol) ? protocol : undefined
    this.#held = { ...told, assigned: owned, revoked: new WorkSet(), delayMs: 0 }
    const isFirst = this.#lastCompletedGeneration < 0
    this.#lastCompletedGeneration = generation
    if (!isLeader) this.#leader.resign()
    if (revoked.size > 0)
      await this.#callOut(async (callbacks) => {
        await callbacks.revoke(revoked.toItems())
      })
    // Also where nothing is kept: positions that wait to be written are of before.
    if (!this.#member.isConfirmed && !isFirst)
      await this.#callOut(async (callbacks) => {
        await callbacks.takeUpAgain(before.minus(revoked).toItems())
      })
    this.#member.confirm()
    this.#assignment = {
      isConfigMismatch: told.error !== assignmentErrors.none,
      ...{ generation, isLeader, leaderId: told.leaderId, leaderUrl: told.leaderUrl, configOffset: told.configOffset },
      ...{ owned: owned.toItems(), revoked: revoked.toItems(), delayMs: told.delayMs }
    }
    this.#observer.owns(this.#assignment.owned.connectors.length, this.#assignment.owned.tasks.length)
    this.#logRound(completed, this.#assignment)
  }

  #decode(assignment: Buffer): MemberAssignment {
    try {
      return decodeAssignment(assignment)
    } catch (thrown) {
      this.#member.requestRejoin('the assignment cannot be understood')
      throw thrown
    }
  }

  async #revokeAll(reason: string): Promise<void> {
    if (this.#held === undefined) return
    this.#held = undefined
    this.#assignment = undefined
    // The leader is to hear of it, also where the coordinator still counts this member in.
    this.#member.requestRejoin(reason)
    await this.#callOut(async (callbacks) => {
      await callbacks.revokeAll(reason)
    })
  }

  /** A callback that hangs counts as a stalled loop: heartbeats go on only for so long. */
  async #callOut(call: (callbacks: WorkerGroupCallbacks) => Promise<void>): Promise<void> {
    this.#member.ownerTurnsAway()
    await call(this.#options.callbacks)
    this.#member.ownerWaits()
  }

  #offer(): { name: string; metadata: Buffer }[] {
    const { callbacks, settings, url } = this.#options
    this.#snapshot = callbacks.configSnapshot()
    const metadata = { url, configOffset: this.#snapshot.offset, current: this.#held }
    return offeredProtocols[settings.protocol].map((name) => ({
      name,
      metadata: encodeMetadata(metadata, protocolVersions[name])
    }))
  }

  #lead({ protocol, generation, memberId, members }: LeadershipRound): EncodedAssignment[] {
    const { callbacks, groupId } = this.#options
    if (!isConnectProtocol(protocol)) {
      throw new MirrorError(
        'MIRROR_PROTOCOL',
        `Group ${groupId} has chosen the protocol ${protocol}, which nobody offers`
      )
    }
    return this.#leader.assign({
      ...{ protocol, generation, leaderId: memberId, members },
      lastCompletedGeneration: this.#lastCompletedGeneration,
      snapshot: this.#snapshot ?? callbacks.configSnapshot()
    })
  }

  #logRound({ generation, isLeader, memberId }: GroupGeneration, assignment: WorkerAssignment): void {
    const { owned, revoked, delayMs, leaderId, isConfigMismatch } = assignment
    const fields = {
      ...{ group: this.#options.groupId, generation, member: memberId, leader: isLeader ? 'this worker' : leaderId },
      ...{ connectors: owned.connectors.length, tasks: owned.tasks.length, delayMs, isConfigMismatch },
      revoked: revoked.connectors.length + revoked.tasks.length
    }
    this.#options.logger.info(fields, 'The Connect group has rebalanced')
  }

  #takeWake(): boolean {
    const isWoken = this.#isWoken
    this.#isWoken = false
    return isWoken
  }

  #checkOpen(): void {
    if (!this.#isClosed) return
    throw new MirrorError('MIRROR_CLOSED', `The membership in group ${this.#options.groupId} has ended`)
  }
}
