import { type ForwardingAdmin } from '../../admin/forwarding-admin.ts'
import { type Clock, endsWithin } from '../../base/clock.ts'
import { MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type ConnectorContext, type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { createInternalTopic } from '../internal-topic-creation.ts'
import { PeriodicJob } from '../periodic-job.ts'
import { assignGroups } from './group-assignment.ts'
import { type GroupDiscovery } from './group-discovery.ts'
import { type MirrorCheckpointSettings } from './mirror-checkpoint-config.ts'

/** What is handed in is closed by who made it. */
export interface MirrorCheckpointConnectorOptions {
  readonly settings: MirrorCheckpointSettings
  /** Of the checkpoints. */
  readonly topic: string
  readonly targetAdmin: ForwardingAdmin
  readonly discovery: Pick<GroupDiscovery, 'run'>
  readonly source: Pick<Cluster, 'isReachable'>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Sees to it that there is a checkpoints topic on the target, finds the groups to follow, and deals them out to tasks. */
export class MirrorCheckpointConnector implements SourceConnector {
  readonly #options: MirrorCheckpointConnectorOptions
  readonly #discovering: PeriodicJob
  #context: ConnectorContext | undefined
  /** Undefined: never found yet. */
  #groups: readonly string[] | undefined

  constructor(options: MirrorCheckpointConnectorOptions) {
    const { settings, source } = options
    this.#options = options
    this.#discovering = new PeriodicJob({
      ...options,
      subject: `The consumer groups of ${settings.sourceAlias}->${settings.targetAlias}`,
      deed: 'found',
      intervalMs: settings.refreshGroupsIntervalMs,
      slowAfterMs: settings.adminTimeoutMs,
      run: (signal) => this.#discover(signal),
      isAway: () => !source.isReachable
    })
  }

  /**
   * Waits until the topic and the groups are there, each at most admin.timeout.ms. Never fails: what cannot be done now is
   * tried again, and the tasks are configured when it succeeds.
   */
  async start(context: ConnectorContext): Promise<void> {
    const { settings, topic, targetAdmin: admin, clock, logger } = this.#options
    this.#context = context
    if (!this.#isActive()) return
    const { topicReplicationFactor: replicationFactor, adminTimeoutMs: timeoutMs } = settings
    await createInternalTopic({ topic, replicationFactor, timeoutMs }, { admin, clock, logger })
    await endsWithin(clock, timeoutMs, this.#discovering.start())
    logger.info({ groups: this.#groups?.length }, 'The checkpoint connector has started')
  }

  /** @throws MirrorError, retriable, while it is not known which groups there are: the tasks that there are go on */
  taskConfigs(maxTasks: number): TaskConfig[] {
    if (!this.#isActive()) return []
    const { sourceAlias, targetAlias, properties } = this.#options.settings
    if (this.#groups === undefined) {
      const message = `The consumer groups of ${sourceAlias}->${targetAlias} are not known yet`
      throw new MirrorError('MIRROR_NETWORK', message, { retriable: true })
    }
    return assignGroups(properties, this.#groups, maxTasks)
  }

  stop(): Promise<void> {
    this.#discovering.stop()
    return Promise.resolve()
  }

  #isActive(): boolean {
    const { enabled, emitIntervalMs } = this.#options.settings
    return enabled && emitIntervalMs !== null
  }

  /** Whether all brokers and groups could be asked. */
  async #discover(signal: AbortSignal): Promise<boolean> {
    const known = this.#groups ?? []
    const { groups, isComplete } = await this.#options.discovery.run(known)
    if (signal.aborted) return false
    const before = new Set(known)
    const added = groups.filter((group) => !before.has(group)).length
    const removed = known.length + added - groups.length
    const isFirst = this.#groups === undefined
    this.#groups = groups
    if (added > 0 || removed > 0) {
      this.#options.logger.info({ groups: groups.length, added, removed }, 'The consumer groups to follow have changed')
    }
    if (isFirst || added > 0 || removed > 0) this.#context?.requestTaskReconfiguration()
    return isComplete
  }
}
