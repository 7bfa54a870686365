// All of the import is a type, so that nothing of it is left at run time: an application may have no kafkajs.
import type { KafkaConfig } from 'kafkajs'
import {
  type ClientSettings,
  type SaslMechanism,
  type SaslSettings,
  type SecuritySettings,
  type StoreSettings,
  type TlsSettings
} from '../config/client-settings.ts'
import { clientSettings } from '../config/client-settings-builder.ts'
import { type Findings } from '../config/findings.ts'
import { traced } from '../config/traced-properties.ts'

type TlsOptions = Exclude<KafkaConfig['ssl'], boolean | undefined>

/**
 * Settings of a client that reaches the brokers as kafkajs would with this config. What decides how to get there and cannot be
 * had (another SASL mechanism, a socket factory, a TLS option) is a problem; what only tunes kafkajs is passed over.
 */
export async function kafkaJsSettings(
  config: KafkaConfig,
  defaultClientId: string,
  findings: Findings
): Promise<ClientSettings | null> {
  if (config.socketFactory !== undefined) {
    findings.problem('socketFactory', 'a function', 'none: sockets are opened by Node')
  }
  const brokers = typeof config.brokers === 'function' ? await config.brokers() : config.brokers
  const { requestTimeout, connectionTimeout, retry } = config
  const properties: [string, string | number | undefined][] = [
    ['bootstrap.servers', brokers.join(',')],
    ['request.timeout.ms', requestTimeout],
    ['socket.connection.setup.timeout.ms', connectionTimeout],
    ['retry.backoff.ms', retry?.initialRetryTime],
    ['retry.backoff.max.ms', retry?.maxRetryTime]
  ]
  const settings = clientSettings({
    properties: traced(properties.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))),
    clientId: () => config.clientId ?? defaultClientId,
    findings,
    absent: (key) => (key === 'bootstrap.servers' ? 'brokers' : key)
  })
  const security = securityOf(config, findings)
  return settings === null || findings.problems.length > 0 ? null : { ...settings, security }
}

function securityOf({ ssl, sasl }: KafkaConfig, findings: Findings): SecuritySettings {
  const tls = ssl === undefined || ssl === false ? null : tlsSettings(ssl === true ? {} : ssl, findings)
  const credentials = sasl === undefined ? null : saslSettings(sasl, findings)
  const layer = tls === null ? 'PLAINTEXT' : 'SSL'
  return { protocol: sasl === undefined ? layer : `SASL_${layer}`, tls, sasl: credentials }
}

const mechanisms: ReadonlyMap<string, SaslMechanism> = new Map([
  ['plain', 'PLAIN'],
  ['scram-sha-256', 'SCRAM-SHA-256'],
  ['scram-sha-512', 'SCRAM-SHA-512']
])

function saslSettings(sasl: Exclude<KafkaConfig['sasl'], undefined>, findings: Findings): SaslSettings | null {
  const mechanism = mechanisms.get(sasl.mechanism.toLowerCase())
  if (mechanism === undefined || !('username' in sasl)) {
    findings.problem(
      'sasl.mechanism',
      sasl.mechanism,
      `one of ${[...mechanisms.keys()].join(', ')} with username and password`
    )
    return null
  }
  return { mechanism, username: sasl.username, password: sasl.password }
}

/** The TLS options that are followed; any other might be what keeps a connection safe. */
const knownTlsOptions: ReadonlySet<string> = new Set<keyof TlsOptions>([
  'ca',
  'cert',
  'key',
  'passphrase',
  'rejectUnauthorized',
  'minVersion',
  'maxVersion',
  'ciphers'
])

function tlsSettings(options: TlsOptions, findings: Findings): TlsSettings {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || knownTlsOptions.has(name)) continue
    findings.problem(
      `ssl.${name}`,
      'given',
      `none but ${[...knownTlsOptions].join(', ')}; properties (ssl.*) can say more`
    )
  }
  if (options.rejectUnauthorized === false) {
    findings.problem('ssl.rejectUnauthorized', 'false', 'true: name the authority to trust in ssl.ca')
  }
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = options
  const versions = ['TLSv1.2', 'TLSv1.3'] as const
  const enabledProtocols = versions.filter((version) => minVersion <= version && version <= maxVersion)
  if (enabledProtocols.length === 0)
    findings.problem('ssl.maxVersion', maxVersion, 'TLSv1.2 or TLSv1.3, and no less than minVersion')
  return {
    trustStore: options.ca === undefined ? null : pemOf('ssl.ca', options.ca, findings),
    keyStore: keyStoreOf(options, findings),
    keyPassword: options.passphrase ?? null,
    verifyHostname: true,
    enabledProtocols,
    cipherSuites: options.ciphers?.split(':') ?? []
  }
}

function keyStoreOf({ cert, key }: TlsOptions, findings: Findings): StoreSettings | null {
  if (cert === undefined && key === undefined) return null
  if (cert === undefined) findings.problem('ssl.cert', null, 'the certificate that goes with ssl.key')
  if (key === undefined) findings.problem('ssl.key', null, 'the private key that goes with ssl.cert')
  const chain = pemOf('ssl.cert', cert ?? '', findings)
  const own = pemOf('ssl.key', key ?? '', findings)
  return { type: 'PEM-INLINE', pem: `${chain.pem}\n${own.pem}` }
}

/** PEM text out of text or bytes, or several of them. */
function pemOf(key: string, given: unknown, findings: Findings): Extract<StoreSettings, { type: 'PEM-INLINE' }> {
  const parts: readonly unknown[] = Array.isArray(given) ? given : [given]
  const texts = parts.map((part) => (typeof part === 'string' ? part : Buffer.isBuffer(part) ? part.toString() : null))
  if (texts.some((text) => text?.includes('-----BEGIN ') !== true))
    findings.problem(key, 'given', 'PEM text: -----BEGIN ...')
  return { type: 'PEM-INLINE', pem: texts.join('\n') }
}
