import { Backoff } from '../base/backoff.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type JoinGroupResponse, type JoinedMember, joinGroup } from '../wire/api/11-join-group.ts'
import { heartbeat } from '../wire/api/12-heartbeat.ts'
import { syncGroup } from '../wire/api/14-sync-group.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { GroupMemberCoordinator } from './group-member-coordinator.ts'
import { type Reaction, reactionTo } from './group-member-reactions.ts'
import { GroupMemberRequests, type GroupMemberRequestsOptions } from './group-member-requests.ts'
import { MembershipLease } from './membership-lease.ts'

export interface GroupMemberOptions extends GroupMemberRequestsOptions {
  readonly heartbeatIntervalMs: number
  readonly retryBackoffMs: number
  readonly handler: GroupMemberHandler
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface GroupMemberHandler {
  /** What the member offers, best first. Asked just before each join. */
  protocols(): readonly { readonly name: string; readonly metadata: Buffer }[]
  /** Called when this member was made the leader: what each of the members gets. */
  assign(round: LeadershipRound): readonly { readonly memberId: string; readonly assignment: Buffer }[]
  /** For metrics: a request was answered, whatever with, or a round of join and sync has ended. */
  timed(what: 'heartbeat' | 'join' | 'sync' | 'round', durationMs: number): void
  /** A round came to nothing. */
  roundFailed(): void
  /** A background step has ended, the coordinator said something, or a lapsed lease is back: time to look at the member again. */
  changed(): void
}

export interface LeadershipRound {
  readonly protocol: string
  readonly generation: number
  /** Of this member. */
  readonly memberId: string
  readonly members: readonly JoinedMember[]
}

/** A rebalance that is complete for this member. */
export interface GroupGeneration {
  readonly generation: number
  readonly memberId: string
  readonly protocol: string
  readonly isLeader: boolean
  readonly assignment: Buffer
}

/** Also during a rebalance the coordinator starts the session of a member anew. */
const provesMembership: ReadonlySet<number> = new Set([brokerErrors.NONE, brokerErrors.REBALANCE_IN_PROGRESS])
const staleInRound: ReadonlySet<Reaction> = new Set(['rejoin', 'dropGeneration', 'dropMember'])

/**
 * A member of a classic group, whatever its protocol type. Its owner drives it: `advance` starts the next step in the
 * background (look for the coordinator, or join and sync), `changed` tells when to look again. Only heartbeats go out by
 * themselves. Members are dynamic: no group.instance.id.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #coordinator: GroupMemberCoordinator
  readonly #requests: GroupMemberRequests
  readonly #backoff: Backoff
  readonly #closing = new AbortController()
  #memberId = ''
  #generation = -1
  #isRejoinNeeded = true
  #rejoinReason = 'first join'
  #isRunning = false
  #isJoining = false
  #isBeating = false
  #completed: GroupGeneration | undefined
  #failure: Error | undefined
  /** Raised whenever the member id is given up: what was under way for the old one is not to be believed. */
  #life = 0
  readonly #lease: MembershipLease
  /** clock.monotonic() when the owner turned to other things; undefined while it waits for this member. */
  #awaySince: number | undefined

  constructor(options: GroupMemberOptions) {
    this.#options = options
    this.#coordinator = new GroupMemberCoordinator(options.cluster, options.groupId, options.clock)
    this.#requests = new GroupMemberRequests(options, this.#coordinator)
    this.#lease = new MembershipLease(options)
    const initialMs = options.retryBackoffMs
    this.#backoff = new Backoff({ initialMs, maxMs: Math.max(initialMs, 1_000) }, options.random)
  }

  /** Empty while it is none. */
  get memberId(): string {
    return this.#memberId
  }

  get isCoordinatorKnown(): boolean {
    return this.#coordinator.isKnown
  }

  /** Also while a round is under way. */
  get isRejoinNeeded(): boolean {
    return this.#isRejoinNeeded || this.#isJoining || this.#completed !== undefined
  }

  /** clock.monotonic() until which the coordinator surely counts this member in. See `confirm`. */
  get leaseEndsAt(): number {
    return this.#lease.endsAt
  }

  get isLeaseHeld(): boolean {
    return this.#lease.isHeld
  }

  /** False from the loss of a membership until `confirm`. */
  get isConfirmed(): boolean {
    return this.#lease.isConfirmed
  }

  /** Starts the step that is due, unless one is running. Throws, once, what a step or a heartbeat failed with for good. */
  advance(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    if (this.#isRunning || this.#closing.signal.aborted) return
    if (!this.#coordinator.isKnown) void this.#run(() => this.#find())
    else if (this.#isRejoinNeeded && this.#completed === undefined) void this.#run(() => this.#join())
  }

  /** The outcome of the last round, once; undefined when there is none or it is out of date. */
  takeGeneration(): GroupGeneration | undefined {
    const completed = this.#completed
    this.#completed = undefined
    return completed
  }

  /**
   * The owner has done what the last generation told it to. A member that was thrown out and joins again may still run what
   * others were given meanwhile: until it knows, a new member id proves nothing, and there is no lease.
   */
  confirm(): void {
    if (this.#memberId === '') this.#lease.drop()
    else this.#lease.confirm()
  }

  requestRejoin(reason: string): void {
    this.#isRejoinNeeded = true
    this.#rejoinReason = reason
  }

  /** The owner waits for this member from now on: however long that takes, it is not stalled. */
  ownerWaits(): void {
    this.#awaySince = undefined
  }

  /** The owner turns to other things: when it has not come back after the rebalance timeout, the member leaves. */
  ownerTurnsAway(): void {
    this.#awaySince = this.#options.clock.monotonic()
  }

  /** Ends the lease, then tells the coordinator, for at most `deadlineMs`. Never rejects. */
  async leave(reason: string, deadlineMs: number): Promise<void> {
    const { groupId, logger } = this.#options
    const memberId = this.#memberId
    this.#dropMember()
    this.#rejoinReason = reason
    if (memberId === '') return
    try {
      const errorCode = await this.#requests.leave(memberId, reason, deadlineMs)
      logger.info({ group: groupId, member: memberId, reason, errorCode }, 'Left the group')
    } catch (thrown) {
      const fields = { group: groupId, member: memberId, error: asError(thrown).message }
      logger.info(fields, 'Could not tell the coordinator of leaving: it will notice after the session timeout')
    }
  }

  /** Ends everything at once; `leave` first. */
  close(): void {
    this.#closing.abort()
    this.#dropMember()
    this.#coordinator.close()
  }

  async #run(step: () => Promise<void>): Promise<void> {
    this.#isRunning = true
    const life = this.#life
    try {
      await step()
      this.#backoff.reset()
    } catch (thrown) {
      const error = asError(thrown)
      const { groupId, clock, logger } = this.#options
      logger.debug({ group: groupId, error: error.message }, 'A step of group membership failed')
      this.#react(error, life)
      const reaction = reactionTo(error)
      if (reaction === 'retry' || reaction === 'rediscover') {
        await sleep(clock, this.#backoff.nextMs(), this.#closing.signal)
      }
    }
    this.#isRunning = false
    this.#options.handler.changed()
  }

  async #find(): Promise<void> {
    await this.#coordinator.find(this.#options.sessionTimeoutMs, this.#closing.signal)
  }

  async #join(): Promise<void> {
    const { handler, clock } = this.#options
    this.#isJoining = true
    const startedAt = clock.monotonic()
    try {
      const life = this.#life
      const joined = await this.#sendJoin(this.#memberId, life)
      if (life !== this.#life) return
      this.#memberId = joined.memberId
      this.#generation = joined.generationId
      this.#startHeartbeats()
      const completed = await this.#sync(joined)
      if (life === this.#life) this.#completed = completed
      handler.timed('round', clock.monotonic() - startedAt)
    } catch (thrown) {
      handler.roundFailed()
      this.#isRejoinNeeded = true
      throw thrown
    } finally {
      this.#isJoining = false
    }
  }

  async #sendJoin(memberId: string, life: number): Promise<JoinGroupResponse> {
    // What is asked for from here on is for the next round: this one is offered what is known now.
    this.#isRejoinNeeded = false
    const protocols = this.#options.handler.protocols()
    const joined = await this.#proving('join', async () => {
      return await this.#requests.join(memberId, protocols, this.#rejoinReason)
    })
    const isNamed = joined.errorCode === brokerErrors.MEMBER_ID_REQUIRED && memberId === ''
    if (!isNamed || life !== this.#life) return this.#requests.checked(joinGroup.name, joined)
    this.#memberId = joined.memberId
    return await this.#sendJoin(joined.memberId, life)
  }

  async #sync(joined: JoinGroupResponse): Promise<GroupGeneration> {
    const { memberId, members, generationId: generation, protocolName } = joined
    const protocol = protocolName ?? ''
    const isLeader = joined.leader === memberId
    const assignments = isLeader ? this.#options.handler.assign({ protocol, generation, memberId, members }) : []
    const synced = await this.#proving('sync', async () => await this.#requests.sync(joined, assignments))
    const { assignment } = this.#requests.checked(syncGroup.name, synced)
    return { generation, memberId, protocol, isLeader, assignment }
  }

  /** A request that the coordinator takes from its members only. */
  async #proving<Response extends { readonly errorCode: number }>(
    what: 'heartbeat' | 'join' | 'sync',
    send: () => Promise<Response>
  ): Promise<Response> {
    const { clock, handler } = this.#options
    const life = this.#life
    const sentAt = clock.monotonic()
    const response = await send()
    handler.timed(what, clock.monotonic() - sentAt)
    if (life !== this.#life || !provesMembership.has(response.errorCode)) return response
    // The owner does nothing without the lease, and may wait for it.
    if (this.#lease.prove(sentAt, response.errorCode === brokerErrors.NONE)) handler.changed()
    return response
  }

  #startHeartbeats(): void {
    if (!this.#isBeating) void this.#beat()
  }

  /** Goes on while there is a generation; the loop of the owner may be busy for as long as it may be away. */
  async #beat(): Promise<void> {
    const { clock, heartbeatIntervalMs } = this.#options
    this.#isBeating = true
    while (this.#generation >= 0 && !this.#closing.signal.aborted) {
      await sleep(clock, heartbeatIntervalMs, this.#closing.signal)
      if (this.#generation < 0) break
      if (this.#isStalled()) await this.#leaveStalled()
      else if (this.#coordinator.isKnown) await this.#sendHeartbeat()
      // Not left to the owner: a coordinator that moves during a long turn of it would hear nothing for a session.
      else if (!this.#isRunning) await this.#run(() => this.#find())
    }
    this.#isBeating = false
  }

  async #sendHeartbeat(): Promise<void> {
    const sent = { generation: this.#generation, memberId: this.#memberId, isJoining: this.#isJoining }
    const isCurrent = (): boolean => sent.generation === this.#generation && sent.memberId === this.#memberId
    try {
      const response = await this.#proving('heartbeat', async () => {
        return await this.#requests.heartbeat(sent.generation, sent.memberId)
      })
      if (isCurrent()) this.#requests.checked(heartbeat.name, response)
    } catch (thrown) {
      const error = asError(thrown)
      const isOfRound = sent.isJoining || this.#isJoining
      // Of a round that is under way its own answers tell more: they may be on their way while the old generation is refused.
      if (!isCurrent() || (isOfRound && staleInRound.has(reactionTo(error)))) return
      this.#react(error, this.#life)
      this.#options.handler.changed()
    }
  }

  #react(error: Error, life: number): void {
    const reaction = reactionTo(error)
    if (reaction === 'rediscover') this.#coordinator.lose()
    if (life !== this.#life) return
    this.#rejoinReason = error.message
    if (reaction === 'fail') this.#failure = error
    else if (reaction === 'rejoin') this.#isRejoinNeeded = true
    else if (reaction === 'dropGeneration') this.#dropGeneration()
    else if (reaction === 'dropMember') this.#dropMember()
  }

  #dropGeneration(): void {
    this.#generation = -1
    this.#isRejoinNeeded = true
    this.#completed = undefined
  }

  #dropMember(): void {
    this.#dropGeneration()
    this.#life += 1
    this.#memberId = ''
    this.#lease.drop()
  }

  #isStalled(): boolean {
    const { clock, rebalanceTimeoutMs } = this.#options
    return this.#awaySince !== undefined && clock.monotonic() - this.#awaySince > rebalanceTimeoutMs
  }

  async #leaveStalled(): Promise<void> {
    const { groupId, rebalanceTimeoutMs, sessionTimeoutMs, logger } = this.#options
    logger.warn({ group: groupId, rebalanceTimeoutMs }, 'The worker has been busy for longer than rebalance.timeout.ms')
    await this.leave('busy for longer than rebalance.timeout.ms', sessionTimeoutMs)
    this.#options.handler.changed()
  }
}
