import { clientSettings, producerSettings } from '../../config/client-settings-builder.ts'
import { type ClientSettings, type ProducerSettings } from '../../config/client-settings.ts'
import {
  type ClientLabel,
  type MirrorConfigSource,
  mirrorClientId,
  mirrorClientSource,
  withClientId
} from '../mirror-clients.ts'
import { type SourceConnectorSettings } from '../mirror-options.ts'
import { type OffsetSyncsPlace, offsetSyncsPlace } from '../offset-syncs-place.ts'

/** How offset syncs are written. */
export interface OffsetSyncSettings extends OffsetSyncsPlace {
  readonly replicationFactor: number
  /** `offset.lag.max`: target records that may pass before another sync; 0 or less is one for every record. */
  readonly lagMax: bigint
  /** Creates the topic: `A->B|MirrorSourceConnector|offset-syncs-<location>-admin`. */
  readonly admin: ClientSettings
  /** Writes the syncs of a task: `A->B|MirrorSourceConnector-<task>|offset-syncs-<location>-producer`. */
  producer(task: number): ProducerSettings
}

/**
 * Null when they are switched off; undefined when a client's settings are wrong, which is among the findings.
 * @param label of the connector
 */
export function offsetSyncSettings(
  options: SourceConnectorSettings,
  source: MirrorConfigSource,
  label: ClientLabel
): OffsetSyncSettings | null | undefined {
  if (!options['emit.offset-syncs.enabled']) return null
  const location = options['offset-syncs.topic.location']
  const admin = clientSettings(mirrorClientSource(source, location, 'admin'))
  const producer = producerSettings(mirrorClientSource(source, location, 'producer'))
  if (admin === null || producer === null) return undefined
  return {
    ...offsetSyncsPlace(location, label.sourceAlias, label.targetAlias),
    replicationFactor: options['offset-syncs.topic.replication.factor'],
    lagMax: BigInt(options['offset.lag.max']),
    admin: withClientId(admin, mirrorClientId(label, `offset-syncs-${location}-admin`)),
    producer: (task) => withClientId(producer, mirrorClientId({ ...label, task }, `offset-syncs-${location}-producer`))
  }
}
