import { type JoinGroupRequest, type JoinGroupResponse, joinGroup } from '../wire/api/11-join-group.ts'
import { type HeartbeatResponse, heartbeat } from '../wire/api/12-heartbeat.ts'
import { leaveGroup } from '../wire/api/13-leave-group.ts'
import { type SyncGroupRequest, type SyncGroupResponse, syncGroup } from '../wire/api/14-sync-group.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { type GroupMemberCoordinator } from './group-member-coordinator.ts'

export interface GroupMemberRequestsOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** `connect`, `consumer`: what the metadata and assignments mean. */
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

/** A JoinGroup is answered within the rebalance timeout; the answer needs time on its way too. */
const joinGraceMs = 5_000
/** Default of request.timeout.ms. */
const leastRequestTimeoutMs = 40_000
/** Brokers refuse or cut longer ones. */
const maxReasonLength = 255

/** The requests of one dynamic member (no group.instance.id). Error codes in the answers are the caller's, see `checked`. */
export class GroupMemberRequests {
  readonly #options: GroupMemberRequestsOptions
  readonly #coordinator: GroupMemberCoordinator
  readonly #joinTimeoutMs: number

  constructor(options: GroupMemberRequestsOptions, coordinator: GroupMemberCoordinator) {
    this.#options = options
    this.#coordinator = coordinator
    this.#joinTimeoutMs = Math.max(options.rebalanceTimeoutMs + joinGraceMs, leastRequestTimeoutMs)
  }

  async join(memberId: string, protocols: JoinGroupRequest['protocols'], reason: string): Promise<JoinGroupResponse> {
    const { groupId, protocolType, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const request = {
      ...{ groupId, memberId, groupInstanceId: null, protocolType, sessionTimeoutMs, rebalanceTimeoutMs },
      ...{ protocols, reason: reason.slice(0, maxReasonLength) }
    }
    return await this.#coordinator.send('join', joinGroup, request, this.#joinTimeoutMs)
  }

  async sync(joined: JoinGroupResponse, assignments: SyncGroupRequest['assignments']): Promise<SyncGroupResponse> {
    const { groupId, protocolType } = this.#options
    const { memberId, generationId, protocolName } = joined
    const request = {
      ...{ groupId, generationId, memberId, groupInstanceId: null },
      ...{ protocolType, protocolName: protocolName ?? '', assignments }
    }
    return await this.#coordinator.send('join', syncGroup, request, this.#joinTimeoutMs)
  }

  async heartbeat(generationId: number, memberId: string): Promise<HeartbeatResponse> {
    const { groupId, sessionTimeoutMs } = this.#options
    const request = { groupId, generationId, memberId, groupInstanceId: null }
    return await this.#coordinator.send('heartbeat', heartbeat, request, sessionTimeoutMs)
  }

  /** Resolves to the error code of the answer: a member that is unknown has left already. */
  async leave(memberId: string, reason: string, deadlineMs: number): Promise<number> {
    const { cluster, groupId } = this.#options
    const request = { groupId, memberId, groupInstanceId: null, reason: reason.slice(0, maxReasonLength) }
    const { errorCode, members } = await cluster.request({ group: groupId }, leaveGroup, request, { deadlineMs })
    return [errorCode, ...members.map((member) => member.errorCode)].find((code) => code !== 0) ?? 0
  }

  /** Throws MIRROR_BROKER where the answer carries an error. */
  checked<Response extends { readonly errorCode: number }>(apiName: string, response: Response): Response {
    if (response.errorCode === brokerErrors.NONE) return response
    throw brokerError(
      response.errorCode,
      `${this.#options.cluster.alias}: ${apiName} of group ${this.#options.groupId}`
    )
  }
}
