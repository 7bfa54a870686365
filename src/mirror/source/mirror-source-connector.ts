import { type Clock, sleep } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Random } from '../../base/random.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { type ConnectorContext, type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { type TargetAdmin } from '../../admin/forwarding-admin.ts'
import { type TopicFilter } from '../filters/topic-filter.ts'
import { PeriodicJob, type PeriodicJobOptions } from '../periodic-job.ts'
import { AclSync, type DescribeAcls } from './acl-sync.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { isUnsupported } from './needed-acl.ts'
import { RemoteTopics, type RemoteTopicsOptions } from './remote-topics.ts'
import { mirroredTopics, type PartitionCounts } from './source-topics.ts'
import { assignTasks } from './task-assignment.ts'
import { type DescribeConfigs, TopicConfigSync } from './topic-config-sync.ts'
import { TopicSelection, wasInternalBefore41 } from './topic-selection.ts'

/** What is handed in is closed by who made it. */
export interface MirrorSourceConnectorOptions extends RemoteTopicsOptions {
  readonly settings: MirrorSourceSettings
  readonly topicFilter: TopicFilter
  readonly targetAdmin: TargetAdmin
  readonly describeTargetConfigs: DescribeConfigs
  readonly describeSourceAcls: DescribeAcls
  readonly describeTargetAcls: DescribeAcls
  /** Creates the topic of offset syncs where it is missing; never rejects. Null: there are none. */
  readonly createOffsetSyncsTopic: (() => Promise<void>) | null
  readonly source: Pick<Cluster, 'describeTopics' | 'isReachable'>
  readonly target: Pick<Cluster, 'describeTopics' | 'isReachable'>
  readonly clock: Clock
  readonly random: Random
}

/**
 * Finds the topics to mirror, gives each a remote topic of the same size, and deals the partitions out to tasks. A
 * partition goes to a task only when there is a partition for it on the target: else the first record would let the
 * target's brokers create the topic with defaults of their own. Copies settings and access control of the topics, too.
 */
export class MirrorSourceConnector implements SourceConnector {
  readonly #options: MirrorSourceConnectorOptions
  readonly #selection: TopicSelection
  readonly #remoteTopics: RemoteTopics
  readonly #discovery: PeriodicJob
  /** Follow the first discovery; a start does not wait for them. */
  readonly #syncs: readonly PeriodicJob[]
  readonly #stopping = new AbortController()
  readonly #namedAsFormerlyInternal = new Set<string>()
  #context: ConnectorContext | undefined
  #sourceTopics: PartitionCounts = new Map<string, number>()
  /** Partitions that tasks may mirror, by source topic. */
  #ready: PartitionCounts = new Map<string, number>()
  #hasDiscovered = false

  constructor(options: MirrorSourceConnectorOptions) {
    const { settings, policy, topicFilter, source, target, clock, random, logger } = options
    const { targetAlias, replicateHeartbeats } = settings
    this.#options = options
    this.#selection = new TopicSelection({ policy, topicFilter, targetAlias, replicateHeartbeats })
    this.#remoteTopics = new RemoteTopics(options)
    const route = `${settings.sourceAlias}->${settings.targetAlias}`
    const { adminTimeoutMs, refreshTopicsIntervalMs, syncTopicConfigsIntervalMs, syncTopicAclsIntervalMs } = settings
    const isAway = (): boolean => !source.isReachable || !target.isReachable
    const periodic = { clock, random, logger, slowAfterMs: adminTimeoutMs, isAway }
    this.#discovery = new PeriodicJob({
      ...periodic,
      ...{ subject: `The topics of ${route}`, deed: 'compared', intervalMs: refreshTopicsIntervalMs },
      run: () => this.#discover()
    })
    const syncs: PeriodicJob[] = []
    if (syncTopicAclsIntervalMs !== null) syncs.push(this.#aclSync(route, syncTopicAclsIntervalMs, periodic))
    if (syncTopicConfigsIntervalMs !== null) syncs.push(this.#configSync(route, syncTopicConfigsIntervalMs, periodic))
    this.#syncs = syncs
  }

  /**
   * Waits until the topics are known and their remote topics are there, at most admin.timeout.ms. Never fails: what cannot
   * be done now is tried again, and the tasks are configured anew when it succeeds.
   */
  async start(context: ConnectorContext): Promise<void> {
    const { settings, createOffsetSyncsTopic, clock, logger } = this.#options
    if (!settings.enabled) return
    this.#context = context
    const startedAt = clock.monotonic()
    const waiting = new AbortController()
    const endWait = (): void => {
      waiting.abort()
    }
    this.#stopping.signal.addEventListener('abort', endWait, { once: true })
    void this.#discovery.start().then(() => {
      endWait()
      for (const sync of this.#syncs) void sync.start()
    })
    // Nothing waits for it: what is to be written there waits by itself.
    void createOffsetSyncsTopic?.()
    await sleep(clock, settings.adminTimeoutMs, waiting.signal)
    const tookMs = Math.round(clock.monotonic() - startedAt)
    logger.debug({ partitions: this.#partitions().length, tookMs }, 'The source connector has started')
  }

  taskConfigs(maxTasks: number): TaskConfig[] {
    return assignTasks(this.#options.settings.properties, this.#partitions(), maxTasks)
  }

  stop(): Promise<void> {
    this.#stopping.abort()
    for (const job of [this.#discovery, ...this.#syncs]) job.stop()
    return Promise.resolve()
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Sorted, so that equal topics give equal task configs and tasks are not restarted for nothing. */
  #partitions(): TopicPartition[] {
    const topics = [...this.#ready].sort(([a], [b]) => (a < b ? -1 : 1))
    return topics.flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })))
  }

  #aclSync(route: string, intervalMs: number, periodic: Periodic): PeriodicJob {
    const sync = new AclSync({ ...this.#options, selection: this.#selection, isAway: periodic.isAway })
    const run = async (): Promise<boolean> => {
      await sync.run()
      return true
    }
    return new PeriodicJob({ ...periodic, subject: `The ACLs of ${route}`, deed: 'copied', intervalMs, run })
  }

  #configSync(route: string, intervalMs: number, periodic: Periodic): PeriodicJob {
    const sync = new TopicConfigSync(this.#options)
    const run = async (signal: AbortSignal): Promise<boolean> => {
      try {
        await sync.run([...this.#ready.keys()], signal)
        return this.#hasDiscovered
      } catch (thrown) {
        const error = asError(thrown)
        if (!isUnsupported(error) || this.#options.settings.incrementalAlterConfigs !== 'required') throw error
        this.#context?.raiseError(error)
        return true
      }
    }
    return new PeriodicJob({
      ...periodic,
      subject: `The topic settings of ${route}`,
      deed: 'compared',
      intervalMs,
      run
    })
  }

  /** Whether everything that is mirrored has a place on the target now. */
  async #discover(): Promise<boolean> {
    const { source, target } = this.#options
    const [onSource, onTarget] = await Promise.all([source.describeTopics('all'), target.describeTopics('all')])
    if (this.#isStopping()) return false
    const known = this.#sourceTopics
    const sourceTopics = mirroredTopics(onSource, this.#selection, known)
    this.#nameFormerlyInternal(sourceTopics)
    const { ready, failed } = await this.#remoteTopics.ensure(sourceTopics, onTarget)
    if (this.#isStopping()) return false
    this.#sourceTopics = sourceTopics
    const isChanged = !sameCounts(ready, this.#ready)
    if (!this.#hasDiscovered) this.#tellFirst(sourceTopics, failed)
    else if (isChanged || !sameCounts(sourceTopics, known)) this.#tellChanges(sourceTopics, known, failed)
    this.#hasDiscovered = true
    if (isChanged) {
      this.#ready = ready
      this.#context?.requestTaskReconfiguration()
    }
    return failed === 0
  }

  /** Kafka before 4.1 did not mirror these; whoever comes from there should hear of it. Once per topic. */
  #nameFormerlyInternal(sourceTopics: PartitionCounts): void {
    const named = this.#namedAsFormerlyInternal
    const topics = [...sourceTopics.keys()].filter((topic) => wasInternalBefore41(topic) && !named.has(topic))
    if (topics.length === 0) return
    for (const topic of topics) named.add(topic)
    this.#options.logger.warn(
      { topics },
      `Topics that Apache Kafka before 4.1 took for internal ones are mirrored (${someOf(topics)}); ` +
        'add .*[\\-\\.]internal to topics.exclude to leave them out'
    )
  }

  #tellFirst(topics: PartitionCounts, failed: number): void {
    const { settings, logger } = this.#options
    const partitions = [...topics.values()].reduce((sum, count) => sum + count, 0)
    const counts = { topics: topics.size, partitions, topicsWithoutTarget: failed }
    const what = `${topics.size} topics of ${settings.sourceAlias} with ${partitions} partitions`
    logger.info(counts, `To be mirrored: ${what}`)
  }

  #tellChanges(topics: PartitionCounts, known: PartitionCounts, failed: number): void {
    const newTopics = [...topics.keys()].filter((topic) => !known.has(topic))
    const deletedTopics = [...known.keys()].filter((topic) => !topics.has(topic))
    const grownTopics = [...topics].flatMap(([topic, count]) => (count > (known.get(topic) ?? count) ? [topic] : []))
    const changes = Object.entries({ new: newTopics, grown: grownTopics, deleted: deletedTopics })
    const said = changes.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${someOf(names)}`]))
    const stays = deletedTopics.length === 0 ? '' : '. What was mirrored of deleted topics stays on the target'
    this.#options.logger.info(
      { topics: topics.size, newTopics, grownTopics, deletedTopics, topicsWithoutTarget: failed },
      `The topics to mirror have changed${said.length === 0 ? '' : ` (${said.join('; ')})`}${stays}`
    )
  }
}

type Periodic = Pick<PeriodicJobOptions, 'clock' | 'random' | 'logger' | 'slowAfterMs' | 'isAway'>

/** Names for a message; all of them are in the line's fields. */
function someOf(topics: readonly string[]): string {
  return `${topics.slice(0, 10).join(', ')}${topics.length > 10 ? ', ...' : ''}`
}

function sameCounts(a: PartitionCounts, b: PartitionCounts): boolean {
  if (a.size !== b.size) return false
  for (const [topic, count] of a) if (b.get(topic) !== count) return false
  return true
}
