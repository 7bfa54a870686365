import { clientSettings, consumerSettings } from '../../config/client-settings-builder.ts'
import { type ClientSettings, type ConsumerSettings } from '../../config/client-settings.ts'
import { type Findings } from '../../config/findings.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { untraced, type TracedProperties } from '../../config/traced-properties.ts'
import { type OffsetMapSettings, offsetMapSettings } from '../offset-map-settings.ts'
import { reportContradictions } from '../contradictions.ts'
import { jobIntervalMs } from '../job-interval.ts'
import {
  type ClientLabel,
  mirrorClientId,
  mirrorClientSource,
  spelledInConfig,
  withClientId
} from '../mirror-clients.ts'
import {
  type LegacyMirrorSettings,
  legacyMirrorOptions,
  type SourceConnectorSettings,
  sourceConnectorOptions
} from '../mirror-options.ts'
import { type OffsetSyncSettings, offsetSyncSettings } from './offset-sync-settings.ts'

/** Everything that the source connector and its tasks are made from. */
export interface MirrorSourceConfig {
  readonly options: SourceConnectorSettings
  readonly settings: MirrorSourceSettings
  /** Client ids are the reference's, since quotas depend on them. */
  readonly clients: MirrorSourceClients
  /** Null: no offset syncs. */
  readonly offsetSyncs: OffsetSyncSettings | null
  /** Null: no offset map. */
  readonly offsetMap: OffsetMapSettings | null
}

export interface MirrorSourceClients {
  /** Reads the records of a task: `A->B|MirrorSourceConnector-<task>|replication-consumer`. */
  consumer(task: number): ConsumerSettings
  /** Looks after topics at the source: `A->B|MirrorSourceConnector|replication-source-admin`. */
  readonly sourceAdmin: ClientSettings
  /** Looks after remote topics: `A->B|MirrorSourceConnector|replication-target-admin`. */
  readonly targetAdmin: ClientSettings
}

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
  /** Time between comparisons of topic settings; null for never. */
  readonly syncTopicConfigsIntervalMs: number | null
  readonly incrementalAlterConfigs: 'requested' | 'required' | 'never'
  /** Time between copies of ACLs; null for never. */
  readonly syncTopicAclsIntervalMs: number | null
  /** Longest that a start may wait for discovery and the creation of topics. */
  readonly adminTimeoutMs: number
  /** The connector's config as text; each task's config is these plus its index and partitions. */
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
  | 'sync.topic.configs.enabled'
  | 'sync.topic.configs.interval.seconds'
  | 'sync.topic.acls.enabled'
  | 'sync.topic.acls.interval.seconds'
  | 'admin.timeout.ms'
> &
  Pick<LegacyMirrorSettings, 'use.incremental.alter.configs'>

/** @param properties the connector's config, placeholders resolved; null when anything is wrong with it */
export function readMirrorSourceConfig(
  properties: TracedProperties,
  findings: Findings,
  absent = spelledInConfig
): MirrorSourceConfig | null {
  const options = parseOptions(sourceConnectorOptions, properties, findings)
  const legacy = parseOptions(legacyMirrorOptions, properties, findings)
  reportContradictions(properties, findings)
  const source = { config: properties, findings, absent }
  const consumer = consumerSettings(mirrorClientSource(source, 'source', 'consumer'))
  const sourceAdmin = clientSettings(mirrorClientSource(source, 'source', 'admin'))
  const targetAdmin = clientSettings(mirrorClientSource(source, 'target', 'admin'))
  const offsetMap = offsetMapSettings(source)
  if (options === null || legacy === null || consumer === null || sourceAdmin === null || targetAdmin === null)
    return null
  const label: ClientLabel = {
    sourceAlias: options['source.cluster.alias'],
    targetAlias: options['target.cluster.alias'],
    connectorName: properties.get('name')?.value ?? '',
    task: null
  }
  const offsetSyncs = offsetSyncSettings(options, source, label)
  if (offsetSyncs === undefined) return null
  return {
    options,
    offsetSyncs,
    offsetMap,
    settings: mirrorSourceSettings({ ...options, ...legacy }, Object.fromEntries(untraced(properties))),
    clients: {
      consumer: (task) => withClientId(consumer, mirrorClientId({ ...label, task }, 'replication-consumer')),
      sourceAdmin: withClientId(sourceAdmin, mirrorClientId(label, 'replication-source-admin')),
      targetAdmin: withClientId(targetAdmin, mirrorClientId(label, 'replication-target-admin'))
    }
  }
}

/** @param properties the connector's config, which its tasks' configs repeat */
export function mirrorSourceSettings(
  options: UsedOptions,
  properties: Readonly<Record<string, string>>
): MirrorSourceSettings {
  return {
    enabled: options.enabled,
    sourceAlias: options['source.cluster.alias'],
    targetAlias: options['target.cluster.alias'],
    // The reference narrows the number to 16 bits, as the wire has it.
    replicationFactor: (options['replication.factor'] << 16) >> 16,
    replicateHeartbeats: options['heartbeats.replication.enabled'],
    refreshTopicsIntervalMs: jobIntervalMs(
      options['refresh.topics.enabled'],
      options['refresh.topics.interval.seconds']
    ),
    syncTopicConfigsIntervalMs: jobIntervalMs(
      options['sync.topic.configs.enabled'],
      options['sync.topic.configs.interval.seconds']
    ),
    incrementalAlterConfigs: options['use.incremental.alter.configs'],
    syncTopicAclsIntervalMs: jobIntervalMs(
      options['sync.topic.acls.enabled'],
      options['sync.topic.acls.interval.seconds']
    ),
    adminTimeoutMs: options['admin.timeout.ms'],
    properties
  }
}
