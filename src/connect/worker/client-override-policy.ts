import { ConfigError } from '../../config/config-error.ts'
import { Findings } from '../../config/findings.ts'
import { type ConnectorConfig } from '../connector-config.ts'

const clientKinds = ['producer', 'consumer', 'admin'] as const

export type ClientKind = (typeof clientKinds)[number]

/** Which client settings a connector may override with `producer.override.*` and the like (spec 8.2). */
export interface ClientOverridePolicy {
  readonly name: string
  /** @param setting without `producer.override.` */
  readonly allows: (setting: string) => boolean
}

const javaPackage = 'org.apache.kafka.connect.connector.policy'
const javaSuffix = 'ConnectorClientConfigOverridePolicy'

const principalSettings = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'])

/** What the dedicated MirrorMaker always has, whatever `connector.client.config.override.policy` says. */
export const allowAllOverrides: ClientOverridePolicy = { name: 'All', allows: () => true }

/**
 * The policy of `connector.client.config.override.policy`: a short name or the reference's class name.
 * @param allowlist `connector.client.config.override.allowlist`; empty allows nothing
 * @throws ConfigError for any other name
 */
export function clientOverridePolicy(name: string, allowlist: readonly string[] = []): ClientOverridePolicy {
  const short = name.startsWith(`${javaPackage}.`) ? name.slice(javaPackage.length + 1) : name
  const policies: Readonly<Record<string, (setting: string) => boolean>> = {
    All: allowAllOverrides.allows,
    None: () => false,
    Principal: (setting) => principalSettings.has(setting),
    Allowlist: (setting) => allowlist.includes(setting)
  }
  const key = short.endsWith(javaSuffix) ? short.slice(0, -javaSuffix.length) : short
  const allows = Object.hasOwn(policies, key) ? policies[key] : undefined
  if (allows !== undefined) return { name: key, allows }
  const expected = `one of ${Object.keys(policies).join(', ')}`
  throw new ConfigError([{ key: 'connector.client.config.override.policy', value: name, expected }])
}

/** Every override of the config that the policy forbids is a problem. Values stay out of the message: they may be secrets. */
export function refusedOverrides(config: ConnectorConfig, policy: ClientOverridePolicy, findings: Findings): void {
  for (const key of Object.keys(config)) {
    const kind = clientKinds.find((each) => key.startsWith(`${each}.override.`))
    if (kind === undefined || policy.allows(key.slice(`${kind}.override.`.length))) continue
    findings.problem(key, '[...]', `no such key: connector.client.config.override.policy is ${policy.name}`)
  }
}

/**
 * Settings of a task's client, later ones winning: the worker's `bootstrap.servers`, a client id of its own, the worker's
 * `<kind>.*`, the connector's `<kind>.override.*` (spec 4.3). Null overrides count as absent.
 * @throws ConfigError for an override that the policy forbids
 */
export function taskClientProperties(
  kind: ClientKind,
  label: string,
  sources: {
    readonly worker: ReadonlyMap<string, string>
    readonly connector: ConnectorConfig
    readonly policy: ClientOverridePolicy
  }
): ReadonlyMap<string, string> {
  const findings = new Findings()
  refusedOverrides(sources.connector, sources.policy, findings)
  if (findings.problems.length > 0) throw new ConfigError(findings.problems)
  const properties = new Map<string, string>()
  const bootstrap = sources.worker.get('bootstrap.servers')
  if (bootstrap !== undefined) properties.set('bootstrap.servers', bootstrap)
  properties.set('client.id', `connector-${kind}-${label}`)
  copy(sources.worker, `${kind}.`, properties)
  copy(Object.entries(sources.connector), `${kind}.override.`, properties)
  return properties
}

function copy(from: Iterable<readonly [string, string | null]>, prefix: string, to: Map<string, string>): void {
  for (const [key, value] of from) {
    if (value !== null && key.length > prefix.length && key.startsWith(prefix)) to.set(key.slice(prefix.length), value)
  }
}
