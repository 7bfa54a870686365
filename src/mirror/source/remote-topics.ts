import pLimit from 'p-limit'
import { type ForwardingAdmin } from '../../admin/forwarding-admin.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type TopicMetadata } from '../../client/cluster.ts'
import { type TopicConfigs } from '../../client/topic-configs.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { brokerError, brokerErrors } from '../../wire/error-codes.ts'
import { type ConfigPropertyFilter } from '../filters/topic-filter.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { adviceFor, isTopicGone } from './needed-acl.ts'
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

/** So many that the built-in admin, which sends together what it is asked for together, needs few requests. */
const parallelCalls = 100

/** Creates remote topics, with the configs of their sources, and enlarges them. One topic's failure is its own. */
export class RemoteTopics {
  readonly #options: RemoteTopicsOptions
  readonly #limit = pLimit(parallelCalls)
  /** By remote topic. */
  readonly #failures = new LastingFailures()

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
      const byTopic = new Map(described.map((configs) => [configs.topic, configs]))
      return new Map(missing.map(({ sourceTopic }) => [sourceTopic, this.#told(sourceTopic, byTopic.get(sourceTopic))]))
    } catch (thrown) {
      // Topics that have their remote topic already must not wait for those that have not.
      const error = asError(thrown)
      return new Map(missing.map(({ sourceTopic }) => [sourceTopic, error]))
    }
  }

  #told(sourceTopic: string, described: TopicConfigs | undefined): TopicConfigs | Error {
    if (described?.errorCode === brokerErrors.NONE) return described
    const code = described?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR
    const context = `${this.#options.settings.sourceAlias}: DescribeConfigs of topic ${sourceTopic}`
    return brokerError(code, context, described?.errorMessage)
  }

  /** Makes the remote topic large enough. The partition count that it has then; never throws. */
  async #ensureOne(topic: RemoteTopic, configs: DescribedConfigs): Promise<number> {
    const { sourceTopic, remoteTopic, partitions, existing } = topic
    const described = configs.get(sourceTopic)
    if (described instanceof Error) {
      // Without its configs a compacted topic would arrive uncompacted, so it is not created at all.
      if (isTopicGone(described)) return existing
      this.#reportFailure(topic, described, {
        acl: `DESCRIBE_CONFIGS on topic ${sourceTopic} of ${this.#options.settings.sourceAlias}`,
        otherwise: 'Its settings are needed for that'
      })
      return existing
    }
    try {
      if (existing === 0) await this.#create(topic, described)
      else if (existing < partitions) await this.#enlarge(topic)
      this.#failures.ended(remoteTopic)
      return Math.max(existing, partitions)
    } catch (thrown) {
      this.#reportFailure(topic, asError(thrown), {
        acl: `${existing === 0 ? 'CREATE' : 'ALTER'} on topic ${remoteTopic} of ${this.#options.settings.targetAlias}`,
        otherwise:
          'If the target does not know one of its settings, name that in config.properties.exclude; or see to the topic by hand'
      })
      return existing
    }
  }

  async #create({ remoteTopic, partitions }: RemoteTopic, described: TopicConfigs | undefined): Promise<void> {
    const { settings, targetAdmin, configPropertyFilter, logger } = this.#options
    const configs = configsForCreation(described?.entries ?? [], configPropertyFilter)
    const { replicationFactor } = settings
    const isNew = await targetAdmin.createTopic({ topic: remoteTopic, partitions, replicationFactor, configs })
    if (isNew) logger.info({ topic: remoteTopic, partitions, configs }, 'Created a remote topic')
    else logger.debug({ topic: remoteTopic }, 'Somebody else created the remote topic')
  }

  async #enlarge({ remoteTopic, partitions }: RemoteTopic): Promise<void> {
    const isLarger = await this.#options.targetAdmin.createPartitions(remoteTopic, partitions)
    if (isLarger) this.#options.logger.info({ topic: remoteTopic, partitions }, 'Enlarged a remote topic')
  }

  #reportFailure(
    { sourceTopic, remoteTopic, partitions, existing }: RemoteTopic,
    error: Error,
    { acl, otherwise }: { readonly acl: string; readonly otherwise: string }
  ): void {
    if (!this.#failures.isNew(remoteTopic, error)) return
    const { logger, settings } = this.#options
    const what = existing === 0 ? 'be created' : `be enlarged from ${existing} partitions`
    logger.warn(
      { topic: remoteTopic, sourceTopic, partitions, err: error },
      `Topic ${remoteTopic} cannot ${what} on ${settings.targetAlias}: ${error.message}. ` +
        `${adviceFor(error, acl, otherwise)}. Its records wait, other topics go on, and it is tried again`
    )
  }
}
