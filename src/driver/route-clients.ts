import {
  clientSettings,
  consumerSettings,
  producerSettings,
  type ClientSource
} from '../config/client-settings-builder.ts'
import { type Findings } from '../config/findings.ts'
import { javaTrim } from '../config/java-values.ts'
import { withoutPrefix, type TracedProperties } from '../config/traced-properties.ts'
import { mirrorClientId, mirrorClientProperties, type ClientKind, type ClusterSide } from '../mirror/mirror-clients.ts'
import { type RouteClients, sourceConnectorName } from './route-config.ts'

export interface RouteSources {
  readonly source: string
  readonly target: string
  readonly workerProperties: TracedProperties
  /** Of the source connector, resolved. */
  readonly connectorProperties: TracedProperties
}

/** Settings of every client of a route; null when something is wrong with any of them. */
export function routeClients(route: RouteSources, findings: Findings): RouteClients | null {
  const sourceConsumer = consumerSettings(mirrorClient(route, 'source', 'consumer', findings))
  const sourceAdmin = clientSettings(mirrorClient(route, 'source', 'admin', findings))
  const targetAdmin = clientSettings(mirrorClient(route, 'target', 'admin', findings))
  const dataProducer = producerSettings(dataProducerSource(route, findings))
  const offsetStoreConsumer = consumerSettings(workerClient(route, 'offsets', findings))
  const offsetStoreProducer = producerSettings(workerClient(route, 'offsets', findings))
  const sharedAdmin = clientSettings(workerClient(route, 'shared-admin', findings))
  if (sourceConsumer === null || sourceAdmin === null || targetAdmin === null || dataProducer === null) return null
  if (offsetStoreConsumer === null || offsetStoreProducer === null || sharedAdmin === null) return null
  const sourceAlias = text(route.connectorProperties, 'source.cluster.alias')
  const targetAlias = text(route.connectorProperties, 'target.cluster.alias')
  const label = { sourceAlias, targetAlias, connectorName: sourceConnectorName, task: null }
  const inFront = (userClientId: string, id: string): string => (userClientId === '' ? id : `${userClientId}|${id}`)
  return {
    sourceConsumer: (task) => ({
      ...sourceConsumer,
      clientId: inFront(sourceConsumer.clientId, mirrorClientId({ ...label, task }, 'replication-consumer'))
    }),
    sourceAdmin: {
      ...sourceAdmin,
      clientId: inFront(sourceAdmin.clientId, mirrorClientId(label, 'replication-source-admin'))
    },
    targetAdmin: {
      ...targetAdmin,
      clientId: inFront(targetAdmin.clientId, mirrorClientId(label, 'replication-target-admin'))
    },
    dataProducer: (task) => ({
      ...dataProducer,
      clientId:
        dataProducer.clientId === ''
          ? `connector-producer-${sourceConnectorName}-${String(task)}`
          : dataProducer.clientId
    }),
    offsetStoreConsumer: { ...offsetStoreConsumer, autoOffsetReset: 'earliest', isolationLevel: 'read_uncommitted' },
    offsetStoreProducer: { ...offsetStoreProducer, acks: -1 },
    sharedAdmin
  }
}

function mirrorClient(route: RouteSources, side: ClusterSide, kind: ClientKind, findings: Findings): ClientSource {
  return {
    properties: mirrorClientProperties(route.connectorProperties, side, kind),
    clientId: (userClientId) => userClientId,
    findings,
    absent: (key) => `${route[side]}.${key}`
  }
}

/** The Connect task producer: the worker's `producer.*`, then the connector's `producer.override.*` (spec 1.8). */
function dataProducerSource(route: RouteSources, findings: Findings): ClientSource {
  const properties = withoutPrefix(route.workerProperties, 'producer.')
  for (const [key, value] of withoutPrefix(route.connectorProperties, 'producer.override.')) properties.set(key, value)
  return {
    properties,
    clientId: (userClientId) => userClientId,
    findings,
    absent: (key) => `${route.target}.${key}`
  }
}

/** Clients of the worker itself take its properties without a prefix. */
function workerClient(route: RouteSources, role: 'offsets' | 'shared-admin', findings: Findings): ClientSource {
  const groupId = text(route.workerProperties, 'group.id')
  const clientId = text(route.workerProperties, 'client.id')
  return {
    properties: route.workerProperties,
    clientId: () => `${groupId}-${clientId === '' ? '' : `${clientId}-`}${role}`,
    findings,
    absent: (key) => `${route.target}.${key}`
  }
}

/** A key that is filled in where the file does not set it. */
function text(properties: TracedProperties, key: string): string {
  return javaTrim(properties.get(key)?.value ?? '')
}
