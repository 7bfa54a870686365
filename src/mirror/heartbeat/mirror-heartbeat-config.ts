import { clientSettings } from '../../config/client-settings-builder.ts'
import { type ClientSettings } from '../../config/client-settings.ts'
import { type Findings } from '../../config/findings.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { type TracedProperties } from '../../config/traced-properties.ts'
import { jobIntervalMs } from '../job-interval.ts'
import { mirrorClientId, mirrorClientSource, spelledInConfig, withClientId } from '../mirror-clients.ts'
import { heartbeatConnectorOptions } from '../mirror-options.ts'

export interface MirrorHeartbeatConfig {
  readonly sourceAlias: string
  readonly targetAlias: string
  /** Null: no heartbeats. */
  readonly intervalMs: number | null
  readonly topicReplicationFactor: number
  /** Longest that the start waits for the topic. */
  readonly adminTimeoutMs: number
  readonly targetAdmin: ClientSettings
}

/** Null when anything is wrong with the connector's config. */
export function readMirrorHeartbeatConfig(
  properties: TracedProperties,
  findings: Findings,
  absent = spelledInConfig
): MirrorHeartbeatConfig | null {
  const options = parseOptions(heartbeatConnectorOptions, properties, findings)
  const targetAdmin = clientSettings(mirrorClientSource({ config: properties, findings, absent }, 'target', 'admin'))
  if (options === null || targetAdmin === null) return null
  const sourceAlias = options['source.cluster.alias']
  const targetAlias = options['target.cluster.alias']
  const connectorName = properties.get('name')?.value ?? ''
  const label = { sourceAlias, targetAlias, connectorName, task: null }
  return {
    sourceAlias,
    targetAlias,
    intervalMs: jobIntervalMs(options['emit.heartbeats.enabled'], options['emit.heartbeats.interval.seconds']),
    topicReplicationFactor: options['heartbeats.topic.replication.factor'],
    adminTimeoutMs: options['admin.timeout.ms'],
    targetAdmin: withClientId(targetAdmin, mirrorClientId(label, 'heartbeats-target-admin'))
  }
}
