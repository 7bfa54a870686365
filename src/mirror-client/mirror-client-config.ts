// All of the import is a type, so that nothing of it is left at run time: an application may have no kafkajs.
import type { KafkaConfig } from 'kafkajs'
import { ConfigError } from '../config/config-error.ts'
import { bootstrapServersOption } from '../config/client-options.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { clientSettings, type ClientSource } from '../config/client-settings-builder.ts'
import { ConfigProviders, loadConfigProviders } from '../config/config-providers.ts'
import { Findings } from '../config/findings.ts'
import { parseOptions } from '../config/parse-options.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { processEnvironment } from '../config/process-environment.ts'
import { traced, type TracedProperties, untraced, withoutPrefix } from '../config/traced-properties.ts'
import { kafkaJsSettings } from './kafkajs-config.ts'
import { type PluginProperties } from './replication-policy.ts'

/**
 * The reference's names: `bootstrap.servers`, `security.protocol`, `ssl.*`, `sasl.*`, `replication.policy.*`, and config providers.
 * With `admin.` or `consumer.` in front a value holds for that client alone: the first lists topics, the second reads them.
 */
export type MirrorClientProperties = Readonly<Record<string, string>>

/** What the application gives kafkajs, and beside it how remote topics are named: by the same keys as in the properties. */
export interface MirrorClientKafkaConfig extends KafkaConfig {
  readonly 'replication.policy.class'?: string
  readonly 'replication.policy.separator'?: string
  readonly 'replication.policy.internal.topic.separator.enabled'?: boolean | string
  /** IdentityReplicationPolicy takes topics for those of this cluster. */
  readonly 'source.cluster.alias'?: string
}

export type MirrorClientConfig = MirrorClientProperties | MirrorClientKafkaConfig

export interface MirrorClientSettings {
  /** Of the client that lists topics. */
  readonly admin: ClientSettings
  /** Of the client that reads them. */
  readonly consumer: ClientSettings
  /** What the replication policy is made with. */
  readonly policy: PluginProperties
}

const defaultClientId = 'mirror-client'

/** @throws ConfigError with every problem there is */
export async function readMirrorClientConfig(
  config: MirrorClientConfig,
  loader: PluginLoader
): Promise<MirrorClientSettings> {
  const findings = new Findings()
  const settings = isKafkaConfig(config)
    ? await settingsOfKafkaConfig(config, findings)
    : await settingsOfProperties(config, loader, findings)
  if (settings === null || findings.problems.length > 0) throw new ConfigError(findings.problems)
  return settings
}

/**
 * The same for properties of which it is known where they came from, with placeholders resolved. Null when something is
 * wrong, which is then among the findings.
 */
export function mirrorClientSettings(
  properties: TracedProperties,
  findings: Findings,
  absent: ClientSource['absent'] = (key) => key
): MirrorClientSettings | null {
  // Since Kafka 4.1 required without a prefix, even where each client has its own.
  const base = parseOptions({ 'bootstrap.servers': bootstrapServersOption }, properties, findings, absent)
  const client = (kind: 'admin' | 'consumer'): ClientSettings | null =>
    clientSettings({
      properties: new Map([...properties, ...withoutPrefix(properties, `${kind}.`)]),
      clientId: (own) => (own === '' ? defaultClientId : own),
      findings,
      absent
    })
  const [admin, consumer] = [client('admin'), client('consumer')]
  if (base === null || admin === null || consumer === null) return null
  return { admin, consumer, policy: Object.fromEntries(untraced(properties)) }
}

async function settingsOfProperties(
  given: MirrorClientProperties,
  loader: PluginLoader,
  findings: Findings
): Promise<MirrorClientSettings | null> {
  const properties = traced(textsOf(given))
  const loaded = await loadConfigProviders(untraced(properties), loader)
  const providers = ConfigProviders.declaredIn(properties, processEnvironment, findings, loaded)
  return mirrorClientSettings(providers.resolve(properties, findings), findings)
}

async function settingsOfKafkaConfig(
  config: MirrorClientKafkaConfig,
  findings: Findings
): Promise<MirrorClientSettings | null> {
  const settings = await kafkaJsSettings(config, defaultClientId, findings)
  if (settings === null) return null
  const policyKeys = textsOf(config).filter(([key]) => key.includes('.'))
  return { admin: settings, consumer: settings, policy: Object.fromEntries(policyKeys) }
}

function isKafkaConfig(config: MirrorClientConfig): config is MirrorClientKafkaConfig {
  return 'brokers' in config && typeof config.brokers !== 'string'
}

/** Values that are there, as text: in plain JavaScript numbers and booleans are given too. */
function textsOf(config: object): [string, string][] {
  return Object.entries(config).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, String(value)]] : []
  )
}
