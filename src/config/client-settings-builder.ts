import { type OptionTable } from './option-table.ts'
import { parseBrokerAddress } from './broker-address.ts'
import { clientOptions, consumerOptions, producerOptions, type ClientValues } from './client-options.ts'
import { type ClientSettings, type ConsumerSettings, type ProducerSettings } from './client-settings.ts'
import { type Findings } from './findings.ts'
import { parseOptions } from './parse-options.ts'
import { securitySettings } from './security-settings.ts'
import { type TracedProperties } from './traced-properties.ts'

export interface ClientSource {
  /** Properties as a Java client takes them: `bootstrap.servers`, `request.timeout.ms`, `ssl.*`, ... */
  readonly properties: TracedProperties
  /** The client's own id; one that the user set is put in front of it, with a `|`. */
  readonly clientId: (userClientId: string) => string
  readonly findings: Findings
  /** How the file would spell a key that is missing. */
  readonly absent: (key: string) => string
}

/** Null when something is wrong, which is then among the findings. The same holds for the other builders. */
export function clientSettings(source: ClientSource): ClientSettings | null {
  return built(clientOptions, source)?.settings ?? null
}

export function consumerSettings(source: ClientSource): ConsumerSettings | null {
  const client = built(consumerOptions, source)
  if (client === null) return null
  const { values, settings } = client
  return {
    ...settings,
    fetchMinBytes: values['fetch.min.bytes'],
    fetchMaxBytes: values['fetch.max.bytes'],
    maxPartitionFetchBytes: values['max.partition.fetch.bytes'],
    fetchMaxWaitMs: values['fetch.max.wait.ms'],
    isolationLevel: values['isolation.level'],
    autoOffsetReset: values['auto.offset.reset'],
    clientRack: values['client.rack']
  }
}

export function producerSettings(source: ClientSource): ProducerSettings | null {
  const client = built(producerOptions, source)
  if (client === null) return null
  const { values, settings } = client
  return {
    ...settings,
    acks: values.acks === '1' ? 1 : -1,
    // Brokers remember the last five batches of an idempotent producer: with more under way order cannot be kept.
    maxInFlightRequests: Math.min(values['max.in.flight.requests.per.connection'], 5),
    maxRequestBytes: values['max.request.size'],
    ackTimeoutMs: values['request.timeout.ms'],
    compressionType: values['compression.type']
  }
}

function built<Values extends ClientValues>(
  table: OptionTable<Values>,
  { properties, clientId, findings, absent }: ClientSource
): { readonly values: Values; readonly settings: ClientSettings } | null {
  const values = parseOptions(table, properties, findings, absent)
  const security = securitySettings(properties, findings, absent)
  if (values === null || security === null) return null
  return {
    values,
    settings: {
      bootstrapServers: values['bootstrap.servers'].flatMap((address) => parseBrokerAddress(address) ?? []),
      clientId: clientId(values['client.id']),
      security,
      requestTimeoutMs: values['request.timeout.ms'],
      connectTimeoutMs: values['socket.connection.setup.timeout.ms'],
      ...backoffs(values),
      metadataMaxAgeMs: values['metadata.max.age.ms'],
      connectionsMaxIdleMs: values['connections.max.idle.ms']
    }
  }
}

/** A wait of 0 is taken for 1 ms: loops that do not wait at all would let nothing else run. */
function backoffs(
  values: ClientValues
): Pick<ClientSettings, 'reconnectBackoffMs' | 'reconnectBackoffMaxMs' | 'retryBackoffMs' | 'retryBackoffMaxMs'> {
  const reconnectBackoffMs = Math.max(values['reconnect.backoff.ms'], 1)
  const retryBackoffMs = Math.max(values['retry.backoff.ms'], 1)
  return {
    reconnectBackoffMs,
    reconnectBackoffMaxMs: Math.max(values['reconnect.backoff.max.ms'], reconnectBackoffMs),
    retryBackoffMs,
    retryBackoffMaxMs: Math.max(values['retry.backoff.max.ms'], retryBackoffMs)
  }
}
