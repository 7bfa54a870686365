import { Backoff } from '../../base/backoff.ts'
import { type CancelTimer, type Clock, sleep } from '../../base/clock.ts'
import { asError, failureKind } from '../../base/errors.ts'
import { type Random } from '../../base/random.ts'
import { type Cluster } from '../../client/cluster.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { type ConnectorContext, type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { type TopicFilter } from '../filters/topic-filter.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { RemoteTopics, type RemoteTopicsOptions } from './remote-topics.ts'
import { mirroredTopics, type PartitionCounts } from './source-topics.ts'
import { assignTasks } from './task-assignment.ts'
import { TopicSelection, wasInternalBefore41 } from './topic-selection.ts'

/** What is handed in is closed by who made it. */
export interface MirrorSourceConnectorOptions extends RemoteTopicsOptions {
  readonly settings: MirrorSourceSettings
  readonly topicFilter: TopicFilter
  readonly source: Pick<Cluster, 'describeTopics'>
  readonly target: Pick<Cluster, 'describeTopics'>
  readonly clock: Clock
  readonly random: Random
}

/** Pause before what failed is tried again; never longer than the refresh interval. */
const retryBackoff = { initialMs: 1000, maxMs: 60_000 }

/**
 * Finds the topics to mirror, gives each a remote topic of the same size, and deals the partitions out to tasks. A
 * partition goes to a task only when there is a partition for it on the target: else the first record would let the
 * target's brokers create the topic with defaults of their own.
 */
export class MirrorSourceConnector implements SourceConnector {
  readonly #options: MirrorSourceConnectorOptions
  readonly #selection: TopicSelection
  readonly #remoteTopics: RemoteTopics
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  readonly #namedAsFormerlyInternal = new Set<string>()
  #context: ConnectorContext | undefined
  #cancelRefresh: CancelTimer | undefined
  #sourceTopics: PartitionCounts = new Map<string, number>()
  /** Partitions that tasks may mirror, by source topic. */
  #ready: PartitionCounts = new Map<string, number>()
  #lastFailure: string | undefined

  constructor(options: MirrorSourceConnectorOptions) {
    const { settings, policy, topicFilter, random } = options
    const { targetAlias, replicateHeartbeats } = settings
    this.#options = options
    this.#selection = new TopicSelection({ policy, topicFilter, targetAlias, replicateHeartbeats })
    this.#remoteTopics = new RemoteTopics(options)
    this.#backoff = new Backoff(retryBackoff, random)
  }

  /**
   * Waits until the topics are known and their remote topics are there, at most admin.timeout.ms. Never fails: what cannot
   * be done now is tried again, and the tasks are configured anew when it succeeds.
   */
  async start(context: ConnectorContext): Promise<void> {
    const { settings, clock, logger } = this.#options
    if (!settings.enabled) return
    this.#context = context
    const startedAt = clock.monotonic()
    const waiting = new AbortController()
    const endWait = (): void => {
      waiting.abort()
    }
    this.#stopping.signal.addEventListener('abort', endWait, { once: true })
    void this.#refresh().then(endWait)
    await sleep(clock, settings.adminTimeoutMs, waiting.signal)
    const tookMs = Math.round(clock.monotonic() - startedAt)
    logger.info({ partitions: this.#partitions().length, tookMs }, 'The source connector has started')
  }

  taskConfigs(maxTasks: number): TaskConfig[] {
    return assignTasks(this.#options.settings.properties, this.#partitions(), maxTasks)
  }

  stop(): Promise<void> {
    this.#stopping.abort()
    this.#cancelRefresh?.()
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

  /** One discovery and what follows from it; then the next is planned. Never throws. */
  async #refresh(): Promise<void> {
    let isComplete = false
    try {
      isComplete = await this.#discover()
      this.#reportRecovery()
    } catch (thrown) {
      this.#reportFailure(asError(thrown))
    }
    if (this.#isStopping()) return
    const delayMs = this.#nextDelayMs(isComplete)
    if (delayMs === null) return
    this.#cancelRefresh = this.#options.clock.schedule(delayMs, () => {
      void this.#refresh()
    })
  }

  /** Pause before the next refresh; null for none. What failed is tried again also when refreshes are switched off. */
  #nextDelayMs(isComplete: boolean): number | null {
    const intervalMs = this.#options.settings.refreshTopicsIntervalMs
    if (isComplete) {
      this.#backoff.reset()
      return intervalMs
    }
    return Math.min(this.#backoff.nextMs(), intervalMs ?? Infinity)
  }

  /** Whether everything that is mirrored has a place on the target now. */
  async #discover(): Promise<boolean> {
    const { source, target, logger } = this.#options
    const [onSource, onTarget] = await Promise.all([source.describeTopics('all'), target.describeTopics('all')])
    if (this.#isStopping()) return false
    const known = this.#sourceTopics
    const sourceTopics = mirroredTopics(onSource, this.#selection, known)
    this.#nameFormerlyInternal(sourceTopics)
    const { ready, failed } = await this.#remoteTopics.ensure(sourceTopics, onTarget)
    if (this.#isStopping()) return false
    this.#sourceTopics = sourceTopics
    const isChanged = !sameCounts(ready, this.#ready)
    if (isChanged || !sameCounts(sourceTopics, known)) {
      const counts = {
        topics: sourceTopics.size,
        newTopics: countMissing(sourceTopics, known),
        deletedTopics: countMissing(known, sourceTopics),
        topicsWithoutTarget: failed
      }
      logger.info(counts, 'The topics to mirror have changed')
    }
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
      `Topics that Apache Kafka before 4.1 took for internal ones are mirrored (${topics.slice(0, 10).join(', ')}` +
        `${topics.length > 10 ? ', ...' : ''}); add .*[\\-\\.]internal to topics.exclude to leave them out`
    )
  }

  #reportFailure(error: Error): void {
    const failure = failureKind(error)
    if (this.#isStopping() || this.#lastFailure === failure) return
    this.#lastFailure = failure
    const { settings, logger } = this.#options
    const route = `${settings.sourceAlias}->${settings.targetAlias}`
    logger.warn(
      { err: error },
      `The topics of ${route} cannot be compared: ${error.message}. What is mirrored stays so; it is tried again until it succeeds`
    )
  }

  #reportRecovery(): void {
    if (this.#lastFailure === undefined) return
    this.#lastFailure = undefined
    this.#options.logger.info({}, 'The topics of source and target can be compared again')
  }
}

function sameCounts(a: PartitionCounts, b: PartitionCounts): boolean {
  if (a.size !== b.size) return false
  for (const [topic, count] of a) if (b.get(topic) !== count) return false
  return true
}

function countMissing(topics: PartitionCounts, from: PartitionCounts): number {
  let missing = 0
  for (const topic of topics.keys()) if (!from.has(topic)) missing += 1
  return missing
}
