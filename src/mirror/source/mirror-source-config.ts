import { type SourceConnectorSettings } from '../mirror-options.ts'

/** What MirrorSourceConnector itself reads of its settings, in units. */
export interface MirrorSourceSettings {
  /** False: the connector does nothing at all. */
  readonly enabled: boolean
  readonly sourceAlias: string
  readonly targetAlias: string
  /** Replication factor of new remote topics; -1 leaves it to the target's brokers. */
  readonly replicationFactor: number
  /** Mirror heartbeat topics even if the topic filter says no. */
  readonly replicateHeartbeats: boolean
  /** Time between discoveries; null when they are switched off or the interval is negative. */
  readonly refreshTopicsIntervalMs: number | null
  /** Longest that a start may wait for discovery and the creation of topics. */
  readonly adminTimeoutMs: number
  /** The connector's settings as text; each task's config is these plus its index and partitions. */
  readonly properties: Readonly<Record<string, string>>
}

type UsedOptions = Pick<
  SourceConnectorSettings,
  | 'enabled'
  | 'source.cluster.alias'
  | 'target.cluster.alias'
  | 'replication.factor'
  | 'heartbeats.replication.enabled'
  | 'refresh.topics.enabled'
  | 'refresh.topics.interval.seconds'
  | 'admin.timeout.ms'
>

/** @param properties the connector's config as it is stored, placeholders unresolved */
export function mirrorSourceSettings(
  options: UsedOptions,
  properties: Readonly<Record<string, string>>
): MirrorSourceSettings {
  const intervalSeconds = options['refresh.topics.interval.seconds']
  const isRefreshed = options['refresh.topics.enabled'] && intervalSeconds > 0
  return {
    enabled: options.enabled,
    sourceAlias: options['source.cluster.alias'],
    targetAlias: options['target.cluster.alias'],
    // The reference narrows the number to 16 bits, as the wire has it.
    replicationFactor: (options['replication.factor'] << 16) >> 16,
    replicateHeartbeats: options['heartbeats.replication.enabled'],
    refreshTopicsIntervalMs: isRefreshed ? intervalSeconds * 1000 : null,
    adminTimeoutMs: options['admin.timeout.ms'],
    properties
  }
}
