import { type Logger, silentLogger } from '../base/logger.ts'
import { isRouteStorageTopic, type PluginProperties, type ReplicationPolicy, stripHops } from './replication-policy.ts'

const separatorKey = 'replication.policy.separator'
const internalSeparatorKey = 'replication.policy.internal.topic.separator.enabled'

/**
 * Remote topics are named `alias.topic`. Internal topics are told by the rule of Kafka 4.1 and later: the former blanket
 * rules for names ending in `.internal` or `-internal` are gone, so a user's `orders.internal` is an ordinary topic.
 */
export class DefaultReplicationPolicy implements ReplicationPolicy {
  readonly #separator: string
  readonly #internalSeparator: string

  /**
   * @param properties The connector's settings. The switch for internal topics counts only beside a separator, and
   *   anything but `true` in any case means off, as Java's `Boolean.parseBoolean` has it.
   */
  constructor(properties: PluginProperties = {}, logger: Logger = silentLogger) {
    const separator = properties[separatorKey]
    const inInternalNames = (properties[internalSeparatorKey] ?? 'true').toLowerCase() === 'true'
    this.#separator = separator ?? '.'
    this.#internalSeparator = inInternalNames ? this.#separator : '.'
    if (separator === undefined || separator === '.') return
    logger.info({ separator }, 'Remote topics are named with a separator of their own')
    if (!inInternalNames) logger.warn({ separator }, 'Internal topics are named with a dot, not with this separator')
  }

  formatRemoteTopic(sourceAlias: string, topic: string): string {
    return sourceAlias + this.#separator + topic
  }

  /** Follows Java's split, which drops empty pieces at the end: `a.` and `..` come from nowhere, `.b` from the alias "". */
  topicSource(topic: string): string | null {
    const [first = '', ...rest] = topic.split(this.#separator)
    return rest.some((piece) => piece !== '') ? first : null
  }

  upstreamTopic(topic: string): string | null {
    const source = this.topicSource(topic)
    return source === null ? null : topic.slice(source.length + this.#separator.length)
  }

  originalTopic(topic: string): string {
    return stripHops(this, topic)
  }

  heartbeatsTopic(): string {
    return 'heartbeats'
  }

  offsetSyncsTopic(clusterAlias: string): string {
    return ['mm2-offset-syncs', clusterAlias, 'internal'].join(this.#internalSeparator)
  }

  checkpointsTopic(clusterAlias: string): string {
    return [clusterAlias, 'checkpoints', 'internal'].join(this.#internalSeparator)
  }

  isHeartbeatsTopic(topic: string): boolean {
    return this.originalTopic(topic) === this.heartbeatsTopic()
  }

  isCheckpointsTopic(topic: string): boolean {
    return topic.endsWith(`${this.#internalSeparator}checkpoints${this.#internalSeparator}internal`)
  }

  isMM2InternalTopic(topic: string): boolean {
    const named = topic.startsWith('mm2') && topic.endsWith(`${this.#internalSeparator}internal`)
    return named || this.isCheckpointsTopic(topic) || isRouteStorageTopic(topic)
  }

  isInternalTopic(topic: string): boolean {
    return this.isMM2InternalTopic(topic) || topic.startsWith('__') || topic.startsWith('.')
  }
}
