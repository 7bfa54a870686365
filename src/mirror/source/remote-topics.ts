import pLimit from 'p-limit'
import { type ForwardingAdmin } from '../../admin/forwarding-admin.ts'
import { asError, failureKind, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type TopicMetadata } from '../../client/cluster.ts'
import { type TopicConfigs } from '../../client/topic-configs.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { type ConfigPropertyFilter } from '../filters/topic-filter.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { type PartitionCounts } from './source-topics.ts'
import { configsForCreation } from './topic-config-filter.ts'

export interface RemoteTopicsOptions {
  readonly settings: Pick<MirrorSourceSettings, 'sourceAlias' | 'targetAlias' | 'replicationFactor'>
  readonly policy: ReplicationPolicy
  readonly configPropertyFilter: ConfigPropertyFilter
  readonly targetAdmin: ForwardingAdmin
  /** Configs of source topics, one entry per topic. */
  readonly describeSourceConfigs: (topics: readonly string[]) => Promise<readonly TopicConfigs[]>
  readonly logger: Logger
}

export interface EnsuredTopics {
  /** By source topic: how many of its partitions have a partition to go to. */
  readonly ready: PartitionCounts
  /** Topics that could not be created or enlarged. */
  readonly failed: number
}

interface RemoteTopic {
  readonly sourceTopic: string
  readonly remoteTopic: string
  readonly partitions: number
  /** On the target, before anything is done; 0 when there is no such topic. */
  readonly existing: number
}

/** By source topic. */
type DescribedConfigs = ReadonlyMap<string, TopicConfigs | Error>

const parallelCalls = 10

/** Creates remote topics, with the configs of their sources, and enlarges them. One topic's failure is its own. */
export class RemoteTopics {
  readonly #options: RemoteTopicsOptions
  readonly #limit = pLimit(parallelCalls)
  /** What went wrong last, by remote topic, so that a lasting failure is logged once. */
  readonly #failures = new Map<string, string>()

  constructor(options: RemoteTopicsOptions) {
    this.#options = options
  }

  /** @param targetTopics a listing of the target */
  async ensure(sourceTopics: PartitionCounts, targetTopics: readonly TopicMetadata[]): Promise<EnsuredTopics> {
    const topics = this.#compare(sourceTopics, targetTopics)
    const configs = await this.#configsOf(topics.filter(({ existing }) => existing === 0))
    const counts = await Promise.all(
      topics.map(async (topic) => await this.#limit(async () => await this.#ensureOne(topic, configs)))
    )
    const ready = new Map<string, number>()
    let failed = 0
    for (const [index, { sourceTopic, partitions }] of topics.entries()) {
      const count = Math.min(counts[index] ?? 0, partitions)
      if (count > 0) ready.set(sourceTopic, count)
      if (count < partitions) failed += 1
    }
    return { ready, failed }
  }

  #compare(sourceTopics: PartitionCounts, targetTopics: readonly TopicMetadata[]): RemoteTopic[] {
    const { policy, settings } = this.#options
    const onTarget = new Map(targetTopics.map((topic) => [topic.name, topic]))
    return Array.from(sourceTopics, ([sourceTopic, partitions]) => {
      const remoteTopic = policy.formatRemoteTopic(settings.sourceAlias, sourceTopic)
      const found = onTarget.get(remoteTopic)
      // A topic that is there but cannot be described now is taken for large enough: the next refresh will tell.
      const isUntold = found !== undefined && found.partitions.length === 0
      return { sourceTopic, remoteTopic, partitions, existing: isUntold ? partitions : (found?.partitions.length ?? 0) }
    })
  }

  async #configsOf(missing: readonly RemoteTopic[]): Promise<DescribedConfigs> {
    if (missing.length === 0) return new Map()
    const { describeSourceConfigs } = this.#options
    try {
      const described = await describeSourceConfigs(missing.map(({ sourceTopic }) => sourceTopic))
      return new Map(described.map((configs) => [configs.topic, configs]))
    } catch (thrown) {
      // Topics that have their remote topic already must not wait for those that have not.
      const error = asError(thrown)
      return new Map(missing.map(({ sourceTopic }) => [sourceTopic, error]))
    }
  }

  /** Makes the remote topic large enough. The partition count that it has then; never throws. */
  async #ensureOne(topic: RemoteTopic, configs: DescribedConfigs): Promise<number> {
    const { remoteTopic, partitions, existing } = topic
    try {
      if (existing === 0) await this.#create(topic, configs.get(topic.sourceTopic))
      else if (existing < partitions) await this.#enlarge(topic)
      this.#failures.delete(remoteTopic)
      return Math.max(existing, partitions)
    } catch (thrown) {
      this.#reportFailure(topic, asError(thrown))
      return existing
    }
  }

  async #create(topic: RemoteTopic, described: TopicConfigs | Error | undefined): Promise<void> {
    const { settings, targetAdmin, configPropertyFilter, logger } = this.#options
    const { sourceTopic, remoteTopic, partitions } = topic
    if (described instanceof Error) throw described
    // Without its configs a compacted topic would arrive uncompacted, so it is not created at all.
    if (described?.errorCode !== 0) {
      throw new MirrorError(
        'MIRROR_BROKER',
        `${settings.sourceAlias} does not tell the configs of topic ${sourceTopic} ` +
          `(error ${described?.errorCode ?? 'none'}: ${described?.errorMessage ?? 'not in the answer'}); ` +
          'the principal needs DESCRIBE_CONFIGS on it',
        { retriable: true }
      )
    }
    const configs = configsForCreation(described.entries, configPropertyFilter)
    const { replicationFactor } = settings
    const isNew = await targetAdmin.createTopic({ topic: remoteTopic, partitions, replicationFactor, configs })
    if (isNew) logger.info({ topic: remoteTopic, partitions, configs }, 'Created a remote topic')
    else logger.debug({ topic: remoteTopic }, 'Somebody else created the remote topic')
  }

  async #enlarge({ remoteTopic, partitions }: RemoteTopic): Promise<void> {
    const isLarger = await this.#options.targetAdmin.createPartitions(remoteTopic, partitions)
    if (isLarger) this.#options.logger.info({ topic: remoteTopic, partitions }, 'Enlarged a remote topic')
  }

  #reportFailure({ sourceTopic, remoteTopic, partitions, existing }: RemoteTopic, error: Error): void {
    const failure = failureKind(error)
    if (this.#failures.get(remoteTopic) === failure) return
    this.#failures.set(remoteTopic, failure)
    const { logger, settings } = this.#options
    const what = existing === 0 ? 'be created' : `be enlarged from ${existing} partitions`
    logger.warn(
      { topic: remoteTopic, sourceTopic, partitions, err: error },
      `Topic ${remoteTopic} cannot ${what} on ${settings.targetAlias}: ${error.message}. Its records wait, other topics go on, ` +
        'and it is tried again. If the target does not know one of its settings, name that in config.properties.exclude; ' +
        'or create the topic by hand'
    )
  }
}
