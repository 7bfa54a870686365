import { type Clock } from '../../base/clock.ts'
import { MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
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
   * which there is not.
   */
  readonly keepConnectorsAtLeader: boolean
  readonly settings: WorkerGroupSettings
  readonly callbacks: WorkerGroupCallbacks
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Membership in the Connect group of a target cluster, over the classic group protocol. */
export class KafkaWorkerGroup implements WorkerGroup {
  readonly memberId: string = ''
  readonly protocol: 'sessioned' | 'compatible' | 'default' | undefined = undefined
  readonly isRejoinNeeded: boolean = true
  readonly leaseEndsAt: number = 0
  readonly #options: KafkaWorkerGroupOptions

  constructor(options: KafkaWorkerGroupOptions) {
    this.#options = options
  }

  ensureMember(timeoutMs: number): Promise<WorkerAssignment | undefined> {
    return Promise.reject(this.#unfinished(timeoutMs))
  }

  waitForEvent(timeoutMs: number): Promise<void> {
    return Promise.reject(this.#unfinished(timeoutMs))
  }

  wake(): void {
    throw this.#unfinished()
  }

  requestRejoin(reason: string): void {
    throw this.#unfinished(reason)
  }

  leave(reason: string): Promise<void> {
    return Promise.reject(this.#unfinished(reason))
  }

  ownerUrl(item: string | ConnectorTaskId): string | undefined {
    throw this.#unfinished(item)
  }

  close(timeoutMs: number): Promise<void> {
    return Promise.reject(this.#unfinished(timeoutMs))
  }

  #unfinished(...what: unknown[]): MirrorError {
    return new MirrorError('MIRROR_CLOSED', `Group ${this.#options.groupId}: not to be joined yet (${what.length})`)
  }
}
