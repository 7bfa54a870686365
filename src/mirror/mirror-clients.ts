import { type ClientSource } from '../config/client-settings-builder.ts'
import { type Findings } from '../config/findings.ts'
import { clientCommonKeys } from '../config/security-options.ts'
import { type TracedProperties, withoutPrefix } from '../config/traced-properties.ts'

export type ClusterSide = 'source' | 'target'
export type ClientKind = 'consumer' | 'producer' | 'admin'

/** What a client is for: the last part of its client id. */
export type ClientRole =
  | 'replication-consumer'
  | 'replication-source-admin'
  | 'replication-target-admin'
  | 'heartbeats-target-admin'
  | `offset-syncs-${ClusterSide}-${'admin' | 'producer' | 'consumer'}`
  | `checkpoint-${ClusterSide}-admin`
  | 'checkpoints-target-consumer'

/**
 * Client properties out of a connector's or task's config (spec 1.8): security of the side, then `consumer.*`, then
 * `source.consumer.*`, the later winning. The producer of mirrored records is not made from these but from the worker's.
 */
function mirrorClientProperties<Value>(
  config: ReadonlyMap<string, Value>,
  side: ClusterSide,
  kind: ClientKind
): Map<string, Value> {
  const result = new Map<string, Value>()
  for (const [key, value] of withoutPrefix(config, `${side}.cluster.`)) {
    if (clientCommonKeys.includes(key)) result.set(key, value)
  }
  for (const prefix of [`${kind}.`, `${side}.${kind}.`]) {
    for (const [key, value] of withoutPrefix(config, prefix)) result.set(key, value)
  }
  return result
}

/** How a key of a cluster that is missing is to be written. */
export type SpellAbsent = (side: ClusterSide, key: string) => string

/** In a config by itself, as it is stored; a file has other words for it. */
export const spelledInConfig: SpellAbsent = (side, key) => `${side}.cluster.${key}`

export interface MirrorConfigSource {
  readonly config: TracedProperties
  readonly findings: Findings
  readonly absent: SpellAbsent
}

/** What the settings of a connector's client are read from. */
export function mirrorClientSource(
  { config, findings, absent }: MirrorConfigSource,
  side: ClusterSide,
  kind: ClientKind
): ClientSource {
  return {
    properties: mirrorClientProperties(config, side, kind),
    clientId: (userClientId) => userClientId,
    findings,
    absent: (key) => absent(side, key)
  }
}

export interface ClientLabel {
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly connectorName: string
  /** Null for a client of the connector itself. */
  readonly task: number | null
}

/** `A->B|MirrorSourceConnector-0|replication-consumer`: spelled as the reference does, since quotas go by it. */
export function mirrorClientId(label: ClientLabel, role: ClientRole): string {
  const { sourceAlias, targetAlias, connectorName, task } = label
  return `${sourceAlias}->${targetAlias}|${connectorName}${task === null ? '' : `-${String(task)}`}|${role}`
}

/** With the client's own id, in front of which the user's is put, with a `|`. */
export function withClientId<Settings extends { readonly clientId: string }>(settings: Settings, id: string): Settings {
  return { ...settings, clientId: settings.clientId === '' ? id : `${settings.clientId}|${id}` }
}
