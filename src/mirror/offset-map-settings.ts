import { producerSettings } from '../config/client-settings-builder.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { parseOptions } from '../config/parse-options.ts'
import { mirrorClientSource, type MirrorConfigSource, withClientId } from './mirror-clients.ts'
import { sourceConnectorOptions } from './mirror-options.ts'

/** What the topic of the offset map is opened with. */
export interface OffsetMapSettings {
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly replicationFactor: number
  /** Reads and writes it, for all connectors and tasks of the route: `A->B|offset-map`. */
  readonly client: ProducerSettings
}

const table = {
  'source.cluster.alias': sourceConnectorOptions['source.cluster.alias'],
  'target.cluster.alias': sourceConnectorOptions['target.cluster.alias'],
  'offset.map.enabled': sourceConnectorOptions['offset.map.enabled'],
  'offset-syncs.topic.replication.factor': sourceConnectorOptions['offset-syncs.topic.replication.factor']
}

/** Of any of the route's connectors. Null when it is switched off, or anything is wrong, which is then among the findings. */
export function offsetMapSettings(source: MirrorConfigSource): OffsetMapSettings | null {
  const options = parseOptions(table, source.config, source.findings)
  if (options?.['offset.map.enabled'] !== true) return null
  const producer = producerSettings(mirrorClientSource(source, 'target', 'producer'))
  if (producer === null) return null
  const { 'source.cluster.alias': sourceAlias, 'target.cluster.alias': targetAlias } = options
  // What positions are stored by must not depend on one broker alone, whatever the file says.
  const client = { ...withClientId(producer, `${sourceAlias}->${targetAlias}|offset-map`), acks: -1 as const }
  return { sourceAlias, targetAlias, replicationFactor: options['offset-syncs.topic.replication.factor'], client }
}
