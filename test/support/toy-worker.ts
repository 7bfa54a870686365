/** A Connect worker that runs nothing: it joins the group, and its lists of what it would run are looked at. */
import { systemClock } from '../../src/base/clock.ts'
import { asError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { type KafkaCluster } from '../../src/client/kafka-cluster.ts'
import { KafkaWorkerGroup, type WorkerGroupSettings } from '../../src/connect/group/kafka-worker-group.ts'
import { WorkSet } from '../../src/connect/group/work-set.ts'
import { type WorkerAssignment } from '../../src/connect/group/worker-group.ts'
import { type ConfigSnapshot } from '../../src/connect/storage/config-store.ts'

/** Connectors with the same number of tasks each, at an offset of the config topic. */
export function toySnapshot(offset: bigint, connectors: readonly string[], tasks: number): ConfigSnapshot {
  return {
    offset,
    connectors,
    sessionKey: undefined,
    connectorConfig: () => ({}),
    appliedConnectorConfig: () => ({}),
    targetState: () => 'STARTED',
    taskCount: () => tasks,
    tasks: (connector) => Array.from({ length: tasks }, (_, task) => ({ connector, task })),
    taskConfig: () => ({}),
    taskGeneration: () => 0,
    isInconsistent: () => false
  }
}

export interface ToyWorkerOptions {
  readonly cluster: KafkaCluster
  readonly groupId: string
  readonly url: string
  readonly snapshot: ConfigSnapshot
  readonly settings?: Partial<WorkerGroupSettings>
  readonly keepConnectorsAtLeader?: boolean
  /** Gives the configs at the offset that the leader tells, as by reading the config topic. */
  readonly configsAt?: (offset: bigint) => ConfigSnapshot
}

const defaults: WorkerGroupSettings = {
  sessionTimeoutMs: 3_000,
  heartbeatIntervalMs: 200,
  rebalanceTimeoutMs: 10_000,
  protocol: 'sessioned',
  scheduledRebalanceMaxDelayMs: 2_000,
  retryBackoffMs: 50
}

export class ToyWorker {
  readonly group: KafkaWorkerGroup
  readonly revocations: string[] = []
  running = new WorkSet()
  snapshot: ConfigSnapshot
  assignment: WorkerAssignment | undefined
  /** What the loop failed with. */
  failure: Error | undefined
  readonly #cluster: KafkaCluster
  readonly #configsAt: ToyWorkerOptions['configsAt']
  #isStopped = false
  #loop: Promise<void> = Promise.resolve()
  #rejoinAt = Infinity

  constructor(options: ToyWorkerOptions) {
    const { cluster, groupId, url, settings, keepConnectorsAtLeader = false } = options
    this.#cluster = cluster
    this.#configsAt = options.configsAt
    this.snapshot = options.snapshot
    const tools = { clock: systemClock, random: systemRandom, logger: silentLogger }
    this.group = new KafkaWorkerGroup({
      ...{ cluster, groupId, url, keepConnectorsAtLeader, ...tools },
      settings: { ...defaults, ...settings },
      callbacks: {
        configSnapshot: () => this.snapshot,
        revoke: (items) => {
          this.running = this.running.minus(WorkSet.from(items))
          this.revocations.push('some')
          return Promise.resolve()
        },
        takeUpAgain: () => {
          this.revocations.push('taken up again')
          return Promise.resolve()
        },
        revokeAll: () => {
          this.running = new WorkSet()
          this.revocations.push('all')
          return Promise.resolve()
        }
      }
    })
  }

  get hasLease(): boolean {
    return systemClock.monotonic() < this.group.leaseEndsAt
  }

  start(): this {
    this.#loop = this.#run().catch((error: unknown) => {
      this.failure = asError(error)
    })
    return this
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.group.close(2_000)
    await this.#loop
    await this.#cluster.close()
  }

  /** Ends without a word to the coordinator, as a process does that is killed. */
  async kill(): Promise<void> {
    this.#isStopped = true
    await this.#cluster.close()
    this.group.wake()
    await this.#loop
    await this.group.close(0)
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const assignment = await this.group.ensureMember(500)
      if (assignment !== undefined && assignment !== this.assignment) this.#take(assignment)
      if (assignment === undefined) continue
      const leftMs = this.#rejoinAt - systemClock.monotonic()
      if (leftMs <= 0) this.#rejoin('the delay is over')
      await this.group.waitForEvent(Math.min(leftMs, 1_000))
    }
  }

  #take(assignment: WorkerAssignment): void {
    const { owned, revoked, delayMs, configOffset, isConfigMismatch } = assignment
    this.assignment = assignment
    this.running = WorkSet.from(owned)
    this.#rejoinAt = delayMs > 0 ? systemClock.monotonic() + delayMs : Infinity
    if (this.#configsAt !== undefined && this.snapshot.offset < configOffset) {
      this.snapshot = this.#configsAt(configOffset)
      if (isConfigMismatch) this.#rejoin('caught up')
    }
    if (revoked.connectors.length + revoked.tasks.length > 0) this.#rejoin('something was revoked')
  }

  #rejoin(reason: string): void {
    this.#rejoinAt = Infinity
    this.group.requestRejoin(reason)
  }
}
