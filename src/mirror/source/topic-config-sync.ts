import { type OwnTopicConfigs, type TargetAdmin, type TopicRefusal } from '../../admin/forwarding-admin.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type TopicConfigChange, type TopicConfigs } from '../../client/topic-configs.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { configSource } from '../../wire/api/32-describe-configs.ts'
import { brokerError, brokerErrors } from '../../wire/error-codes.ts'
import { type ConfigPropertyFilter } from '../filters/topic-filter.ts'
import { LastingFailures } from '../lasting-failures.ts'
import { type MirrorSourceSettings } from './mirror-source-config.ts'
import { adviceFor, isTopicGone, isUnsupported } from './needed-acl.ts'
import { configDifferences } from './topic-config-filter.ts'

export type DescribeConfigs = (topics: readonly string[]) => Promise<readonly TopicConfigs[]>

export interface TopicConfigSyncOptions {
  readonly settings: Pick<MirrorSourceSettings, 'sourceAlias' | 'targetAlias' | 'incrementalAlterConfigs'>
  readonly policy: ReplicationPolicy
  readonly configPropertyFilter: ConfigPropertyFilter
  readonly targetAdmin: Pick<TargetAdmin, 'alterTopicConfigs' | 'replaceTopicConfigs'>
  /** Of source topics, one entry per topic. */
  readonly describeSourceConfigs: DescribeConfigs
  /** Of remote topics. */
  readonly describeTargetConfigs: DescribeConfigs
  readonly logger: Logger
}

interface TopicPair {
  readonly sourceTopic: string
  readonly remoteTopic: string
}

/** What is read, compared and changed at a time: two describe requests and one that alters. */
const topicsAtATime = 500

/** Keeps the settings of remote topics as those of their sources; only differences are written. */
export class TopicConfigSync {
  readonly #options: TopicConfigSyncOptions
  /** By remote topic. */
  readonly #failures = new LastingFailures()
  readonly #namedAsUnknown = new Set<string>()
  #replacesAll: boolean

  constructor(options: TopicConfigSyncOptions) {
    this.#options = options
    this.#replacesAll = options.settings.incrementalAlterConfigs === 'never'
  }

  /**
   * Goes through source topics whose remote topics exist. What one of them is refused is reported and its own.
   * @throws MirrorError where a cluster does not answer, and MIRROR_UNSUPPORTED_VERSION where the target cannot change
   * single settings and `use.incremental.alter.configs` is `required`
   */
  async run(sourceTopics: readonly string[], signal: AbortSignal): Promise<void> {
    const { policy, settings } = this.#options
    for (let from = 0; from < sourceTopics.length && !signal.aborted; from += topicsAtATime) {
      const pairs = sourceTopics.slice(from, from + topicsAtATime).map((sourceTopic) => ({
        sourceTopic,
        remoteTopic: policy.formatRemoteTopic(settings.sourceAlias, sourceTopic)
      }))
      await this.#syncSome(pairs)
    }
  }

  async #syncSome(pairs: readonly TopicPair[]): Promise<void> {
    const { describeSourceConfigs, describeTargetConfigs } = this.#options
    const [onSource, onTarget] = await Promise.all([
      describeSourceConfigs(pairs.map(({ sourceTopic }) => sourceTopic)),
      describeTargetConfigs(pairs.map(({ remoteTopic }) => remoteTopic))
    ])
    const source = byTopic(onSource)
    const target = byTopic(onTarget)
    const changes: TopicConfigChange[] = []
    const compared: string[] = []
    for (const pair of pairs) {
      const differences = this.#compare(pair, source.get(pair.sourceTopic), target.get(pair.remoteTopic))
      if (differences === undefined) continue
      compared.push(pair.remoteTopic)
      changes.push(...differences)
    }
    const refusals = changes.length === 0 ? [] : await this.#alter(changes, target)
    const refused = new Set(refusals.map(({ topic }) => topic))
    for (const refusal of refusals) this.#reportRefusal(refusal)
    for (const topic of compared) if (!refused.has(topic)) this.#failures.ended(topic)
    const altered = changes.filter(({ topic }) => !refused.has(topic))
    if (altered.length > 0) this.#options.logger.debug({ changes: altered }, 'Settings of remote topics were altered')
  }

  /** Undefined when one side does not tell the topic's settings. */
  #compare(
    { sourceTopic, remoteTopic }: TopicPair,
    onSource: TopicConfigs | undefined,
    onTarget: TopicConfigs | undefined
  ): TopicConfigChange[] | undefined {
    const { configPropertyFilter, settings } = this.#options
    const { sourceAlias, targetAlias } = settings
    const source = this.#entriesOf(onSource, { alias: sourceAlias, topic: sourceTopic, remoteTopic })
    const target = this.#entriesOf(onTarget, { alias: targetAlias, topic: remoteTopic, remoteTopic })
    if (source === undefined || target === undefined) return undefined
    const { changes, unknown } = configDifferences(source, target, configPropertyFilter)
    this.#nameUnknown(unknown)
    return changes.map(({ name, value }) => ({ topic: remoteTopic, name, value }))
  }

  #entriesOf(
    described: TopicConfigs | undefined,
    { alias, topic, remoteTopic }: { readonly alias: string; readonly topic: string; readonly remoteTopic: string }
  ): TopicConfigs['entries'] | undefined {
    if (described?.errorCode === brokerErrors.NONE) return described.entries
    const code = described?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR
    const error = brokerError(code, `${alias}: DescribeConfigs of topic ${topic}`, described?.errorMessage)
    this.#report(remoteTopic, error, adviceFor(error, `DESCRIBE_CONFIGS on topic ${topic} of ${alias}`, ''))
    return undefined
  }

  async #alter(
    changes: readonly TopicConfigChange[],
    target: ReadonlyMap<string, TopicConfigs>
  ): Promise<readonly TopicRefusal[]> {
    const { targetAdmin, settings, logger } = this.#options
    if (!this.#replacesAll) {
      try {
        return await targetAdmin.alterTopicConfigs(changes)
      } catch (thrown) {
        const error = asError(thrown)
        if (!isUnsupported(error) || settings.incrementalAlterConfigs === 'required') throw error
        this.#replacesAll = true
        logger.warn(
          { err: error },
          `${settings.targetAlias} cannot change single topic settings (brokers before 2.3): from now on all settings of a ` +
            'remote topic are read, merged and replaced. What somebody else sets in between is lost'
        )
      }
    }
    const { topics, refusals } = merged(changes, target)
    return topics.length === 0 ? refusals : [...refusals, ...(await targetAdmin.replaceTopicConfigs(topics))]
  }

  #reportRefusal({ topic, error }: TopicRefusal): void {
    const { targetAlias } = this.#options.settings
    const otherwise = `If ${targetAlias} does not accept one of the settings, name it in config.properties.exclude`
    this.#report(topic, error, adviceFor(error, `ALTER_CONFIGS on topic ${topic} of ${targetAlias}`, otherwise))
  }

  #report(topic: string, error: Error, advice: string): void {
    const { logger, settings } = this.#options
    if (isTopicGone(error)) {
      logger.debug({ topic, err: error }, 'A topic is gone while its settings are compared')
      return
    }
    if (!this.#failures.isNew(topic, error)) return
    logger.warn(
      { topic, err: error },
      `The settings of topic ${topic} on ${settings.targetAlias} cannot be kept equal: ${error.message}. ` +
        `${advice === '' ? '' : `${advice}. `}Other topics go on, and it is tried again at each interval`
    )
  }

  #nameUnknown(names: readonly string[]): void {
    const { settings, logger } = this.#options
    for (const name of names.filter((each) => !this.#namedAsUnknown.has(each))) {
      this.#namedAsUnknown.add(name)
      logger.warn(
        { setting: name },
        `${settings.targetAlias} does not know the topic setting ${name}, so it is not copied; ` +
          'name it in config.properties.exclude to say that this is meant'
      )
    }
  }
}

function byTopic(described: readonly TopicConfigs[]): ReadonlyMap<string, TopicConfigs> {
  return new Map(described.map((configs) => [configs.topic, configs]))
}

/** All that the topics are to have of their own: what they have now, excluded settings too, with the changes. */
function merged(
  changes: readonly TopicConfigChange[],
  target: ReadonlyMap<string, TopicConfigs>
): { readonly topics: readonly OwnTopicConfigs[]; readonly refusals: readonly TopicRefusal[] } {
  const wanted = new Map<string, Map<string, string | null>>()
  for (const { topic, name, value } of changes) {
    const configs = wanted.get(topic) ?? ownConfigs(target.get(topic))
    wanted.set(topic, configs)
    if (value === null) configs.delete(name)
    else configs.set(name, value)
  }
  const topics: OwnTopicConfigs[] = []
  const refusals: TopicRefusal[] = []
  for (const [topic, settings] of wanted) {
    const told = [...settings].filter((setting): setting is [string, string] => setting[1] !== null)
    if (told.length === settings.size) topics.push({ topic, configs: Object.fromEntries(told) })
    else refusals.push({ topic, error: new MirrorError('MIRROR_BROKER', 'a setting is hidden that would be deleted') })
  }
  return { topics, refusals }
}

function ownConfigs(described: TopicConfigs | undefined): Map<string, string | null> {
  const own = (described?.entries ?? []).filter(({ source }) => source === configSource.topic)
  return new Map(own.map(({ name, value }) => [name, value]))
}
