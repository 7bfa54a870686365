import { clientSettings, consumerSettings } from '../../config/client-settings-builder.ts'
import { type ClientSettings } from '../../config/client-settings.ts'
import { type Findings } from '../../config/findings.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { untraced, type TracedProperties } from '../../config/traced-properties.ts'
import { reportCheckpointContradictions } from '../contradictions.ts'
import { jobIntervalMs } from '../job-interval.ts'
import {
  type ClientLabel,
  mirrorClientId,
  mirrorClientSource,
  spelledInConfig,
  withClientId
} from '../mirror-clients.ts'
import { checkpointConnectorOptions, type CheckpointConnectorSettings, legacyMirrorOptions } from '../mirror-options.ts'
import { type OffsetMapSettings, offsetMapSettings } from '../offset-map-settings.ts'
import { type OffsetSyncsPlace, offsetSyncsPlace } from '../offset-syncs-place.ts'

/** Everything that the checkpoint connector and its tasks are made from. */
export interface MirrorCheckpointConfig {
  readonly options: CheckpointConnectorSettings
  readonly settings: MirrorCheckpointSettings
  readonly clients: MirrorCheckpointClients
  /** Null: no offset map, the reference's rule alone translates. */
  readonly offsetMap: OffsetMapSettings | null
}

/** Client ids are the reference's, since quotas depend on them. Of the connector where `task` is null. */
export interface MirrorCheckpointClients {
  /** `A->B|MirrorCheckpointConnector|checkpoint-source-admin` */
  sourceAdmin(task: number | null): ClientSettings
  targetAdmin(task: number | null): ClientSettings
  /** Reads offset syncs: `A->B|MirrorCheckpointConnector-<task>|offset-syncs-<location>-consumer`. */
  offsetSyncsConsumer(task: number): ClientSettings
  /** Reads earlier checkpoints: `A->B|MirrorCheckpointConnector-<task>|checkpoints-target-consumer`. */
  checkpointsConsumer(task: number): ClientSettings
}

/** What the connector and its tasks read of their settings, in units. */
export interface MirrorCheckpointSettings {
  /** False: the connector does nothing at all. */
  readonly enabled: boolean
  readonly sourceAlias: string
  readonly targetAlias: string
  /** Time between rounds of checkpoints; null: none, and no tasks. */
  readonly emitIntervalMs: number | null
  /** Time between discoveries of groups; null: only the first. */
  readonly refreshGroupsIntervalMs: number | null
  /** Time between writes into the groups of the target; null: never. */
  readonly syncGroupOffsetsIntervalMs: number | null
  readonly topicReplicationFactor: number
  /** `consumer.poll.timeout.ms` */
  readonly pollTimeoutMs: number
  readonly adminTimeoutMs: number
  readonly offsetSyncs: OffsetSyncsPlace
  /** The connector's config as text; each task's config is these plus its index and groups. */
  readonly properties: Readonly<Record<string, string>>
}

/** @param properties the connector's config, placeholders resolved; null when anything is wrong with it */
export function readMirrorCheckpointConfig(
  properties: TracedProperties,
  findings: Findings,
  absent = spelledInConfig
): MirrorCheckpointConfig | null {
  const options = parseOptions(checkpointConnectorOptions, properties, findings)
  parseOptions(legacyMirrorOptions, properties, findings)
  reportCheckpointContradictions(properties, findings)
  const source = { config: properties, findings, absent }
  const sourceAdmin = clientSettings(mirrorClientSource(source, 'source', 'admin'))
  const targetAdmin = clientSettings(mirrorClientSource(source, 'target', 'admin'))
  const sourceConsumer = consumerSettings(mirrorClientSource(source, 'source', 'consumer'))
  const targetConsumer = consumerSettings(mirrorClientSource(source, 'target', 'consumer'))
  const offsetMap = offsetMapSettings(source)
  if (options === null || sourceAdmin === null || targetAdmin === null) return null
  if (sourceConsumer === null || targetConsumer === null) return null
  const settings = mirrorCheckpointSettings(options, Object.fromEntries(untraced(properties)))
  const { sourceAlias, targetAlias } = settings
  const label: ClientLabel = {
    sourceAlias,
    targetAlias,
    connectorName: properties.get('name')?.value ?? '',
    task: null
  }
  const { location } = settings.offsetSyncs
  const offsetSyncsConsumer = location === 'source' ? sourceConsumer : targetConsumer
  return {
    options,
    settings,
    offsetMap,
    clients: {
      sourceAdmin: (task) => withClientId(sourceAdmin, mirrorClientId({ ...label, task }, 'checkpoint-source-admin')),
      targetAdmin: (task) => withClientId(targetAdmin, mirrorClientId({ ...label, task }, 'checkpoint-target-admin')),
      offsetSyncsConsumer: (task) =>
        withClientId(offsetSyncsConsumer, mirrorClientId({ ...label, task }, `offset-syncs-${location}-consumer`)),
      checkpointsConsumer: (task) =>
        withClientId(targetConsumer, mirrorClientId({ ...label, task }, 'checkpoints-target-consumer'))
    }
  }
}

function mirrorCheckpointSettings(
  options: CheckpointConnectorSettings,
  properties: Readonly<Record<string, string>>
): MirrorCheckpointSettings {
  const sourceAlias = options['source.cluster.alias']
  const targetAlias = options['target.cluster.alias']
  return {
    enabled: options.enabled,
    sourceAlias,
    targetAlias,
    emitIntervalMs: jobIntervalMs(options['emit.checkpoints.enabled'], options['emit.checkpoints.interval.seconds']),
    refreshGroupsIntervalMs: jobIntervalMs(
      options['refresh.groups.enabled'],
      options['refresh.groups.interval.seconds']
    ),
    syncGroupOffsetsIntervalMs: jobIntervalMs(
      options['sync.group.offsets.enabled'],
      options['sync.group.offsets.interval.seconds']
    ),
    topicReplicationFactor: options['checkpoints.topic.replication.factor'],
    pollTimeoutMs: options['consumer.poll.timeout.ms'],
    adminTimeoutMs: options['admin.timeout.ms'],
    offsetSyncs: offsetSyncsPlace(options['offset-syncs.topic.location'], sourceAlias, targetAlias),
    properties
  }
}
