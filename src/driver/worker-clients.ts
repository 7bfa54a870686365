import { clientSettings, producerSettings, type ClientSource } from '../config/client-settings-builder.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { type Findings } from '../config/findings.ts'
import { javaTrim } from '../config/java-values.ts'
import { withoutPrefix, type TracedProperties } from '../config/traced-properties.ts'
import { type WorkerClients } from './route-config.ts'

/** Settings of every client of a worker; null when something is wrong with any of them. */
export function workerClients(target: string, properties: TracedProperties, findings: Findings): WorkerClients | null {
  const groupId = text(properties, 'group.id')
  const clientId = text(properties, 'client.id')
  const source = (id: string): ClientSource => ({
    properties,
    clientId: () => id,
    findings,
    absent: (key) => `${target}.${key}`
  })
  const base = `${groupId}-${clientId === '' ? '' : `${clientId}-`}`
  const store = (role: string): ProducerSettings | null => producerSettings(source(base + role))
  const member = clientSettings(source(clientId))
  const admin = clientSettings(source(`${base}shared-admin`))
  const [config, offset, status] = [store('configs'), store('offsets'), store('statuses')]
  if (member === null || admin === null || config === null || offset === null || status === null) return null
  // What the stores hold must not depend on one broker alone, whatever the file says.
  const acks = -1
  return {
    member,
    admin,
    stores: { config: { ...config, acks }, offset: { ...offset, acks }, status: { ...status, acks } }
  }
}

/** The Connect task producer: the worker's `producer.*`, then the connector's `producer.override.*` (spec 1.8). */
export function taskProducerProperties(worker: TracedProperties, connector: TracedProperties): TracedProperties {
  const properties = withoutPrefix(worker, 'producer.')
  for (const [key, value] of withoutPrefix(connector, 'producer.override.')) properties.set(key, value)
  return properties
}

/** @param properties of the producer itself, `client.id` among them */
export function taskProducerSettings(
  target: string,
  properties: TracedProperties,
  findings: Findings
): ProducerSettings | null {
  return producerSettings({
    properties,
    clientId: (userClientId) => userClientId,
    findings,
    absent: (key) => `${target}.${key}`
  })
}

/** A key that is filled in where the file does not set it. */
function text(properties: TracedProperties, key: string): string {
  return javaTrim(properties.get(key)?.value ?? '')
}
