import { connectorBaseOptions } from '../connect/connector-options.ts'
import { topLevelWorkerPrefixes } from '../connect/worker-options.ts'
import { clientCommonKeys, securityOptions } from '../config/security-options.ts'
import { withoutPrefix, type TracedProperties, type TracedValue } from '../config/traced-properties.ts'
import {
  checkpointConnectorOptions,
  heartbeatConnectorOptions,
  legacyMirrorOptions,
  sourceConnectorOptions
} from '../mirror/mirror-options.ts'
import { type ConnectorName } from './route-config.ts'

const clientKinds = ['producer', 'consumer', 'admin'] as const

/** What the file says about a cluster (spec 1.6): its own keys, and the security it inherits, once more for each kind of client. */
export function clusterProperties(file: TracedProperties, alias: string): TracedProperties {
  const result = withoutPrefix(file, `${alias}.`)
  for (const key of clientCommonKeys) {
    const own = result.get(key)
    if (own !== undefined) for (const kind of clientKinds) setIfAbsent(result, `${kind}.${key}`, own)
  }
  for (const key of clientCommonKeys) {
    const inherited = file.get(key)
    if (inherited === undefined) continue
    for (const kind of clientKinds) setIfAbsent(result, `${kind}.${key}`, inherited)
    setIfAbsent(result, key, inherited)
  }
  return result
}

/**
 * Properties of the Connect worker of a route (spec 1.7), which runs against the target.
 * @param resolve replaces placeholders; provider settings themselves are kept as they are
 */
export function workerProperties(
  file: TracedProperties,
  source: string,
  target: string,
  resolve: (properties: TracedProperties) => TracedProperties
): TracedProperties {
  const unresolved = new Map(clusterProperties(file, target))
  for (const prefix of topLevelWorkerPrefixes) copyWithPrefix(file, prefix, unresolved)
  const result = new Map(resolve(unresolved))
  copyWithPrefix(file, 'config.providers', result)
  for (const [key, value] of workerDefaults(source, target))
    setIfAbsent(result, key, filledIn(`${target}.${key}`, value))
  return result
}

function workerDefaults(source: string, target: string): [string, string][] {
  const converter = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  return [
    ['client.id', `${source}->${target}`],
    ['group.id', `${source}-mm2`],
    // Always with dots: the separator of the replication policy has no say here.
    ['offset.storage.topic', `mm2-offsets.${source}.internal`],
    ['status.storage.topic', `mm2-status.${source}.internal`],
    ['config.storage.topic', `mm2-configs.${source}.internal`],
    ['key.converter', converter],
    ['value.converter', converter],
    ['header.converter', converter]
  ]
}

/** Keys that reach every route from the top level. `use.defaults.from` is read by a filter that no connector defines. */
export const topLevelConnectorKeys: ReadonlySet<string> = new Set(
  [
    connectorBaseOptions,
    sourceConnectorOptions,
    checkpointConnectorOptions,
    heartbeatConnectorOptions,
    securityOptions
  ].flatMap((table) => Object.keys(table).filter((key) => key !== 'use.defaults.from'))
)

/** Config of one connector of a route (spec 1.8), as it is stored: with placeholders. */
export function connectorProperties(
  file: TracedProperties,
  source: string,
  target: string,
  name: ConnectorName
): TracedProperties {
  const result = new Map<string, TracedValue>()
  for (const [key, value] of file)
    if (topLevelConnectorKeys.has(key) || Object.hasOwn(legacyMirrorOptions, key)) result.set(key, value)
  copyWithPrefix(file, 'config.providers', result)
  copyWithPrefix(file, 'replication.policy', result)
  for (const [side, alias] of [
    ['source', source],
    ['target', target]
  ] as const) {
    for (const [key, value] of clusterProperties(file, alias)) {
      result.set(clientKinds.some((kind) => key.startsWith(kind)) ? `${side}.${key}` : `${side}.cluster.${key}`, value)
    }
  }
  const route = `${source}->${target}.`
  setIfAbsent(result, 'name', filledIn('name', name))
  setIfAbsent(result, 'connector.class', filledIn('connector.class', `org.apache.kafka.connect.mirror.${name}`))
  setIfAbsent(result, 'source.cluster.alias', filledIn('source.cluster.alias', source))
  setIfAbsent(result, 'target.cluster.alias', filledIn('target.cluster.alias', target))
  for (const [key, value] of withoutPrefix(file, route)) result.set(key, value)
  setIfAbsent(result, 'enabled', filledIn(`${route}enabled`, 'false'))
  return result
}

function filledIn(origin: string, value: string): TracedValue {
  return { value, origin, raw: value }
}

function setIfAbsent(properties: Map<string, TracedValue>, key: string, value: TracedValue): void {
  if (!properties.has(key)) properties.set(key, value)
}

function copyWithPrefix(from: TracedProperties, prefix: string, to: Map<string, TracedValue>): void {
  for (const [key, value] of from) if (key.startsWith(prefix)) to.set(key, value)
}
