import { type SaslMechanism, type SaslSettings, type SecuritySettings, type TlsSettings } from './client-settings.ts'
import { type Findings } from './findings.ts'
import { parseJaasConfig } from './jaas-config.ts'
import { keyStoreSettings, trustStoreSettings, type Report } from './key-store-settings.ts'
import { parseOptions } from './parse-options.ts'
import { securityOptions, type SecurityValues } from './security-options.ts'
import { type TracedProperties } from './traced-properties.ts'

/** Keys that only somebody who wants security sets. */
const signsOfSecurity = [
  'sasl.jaas.config',
  'sasl.mechanism',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.keystore.location',
  'ssl.keystore.key'
] as const

/**
 * Security of a client from its `security.protocol`, `ssl.*` and `sasl.*`. Whatever cannot be had is a problem: a file
 * that asks for security never connects without it.
 */
export function securitySettings(
  properties: TracedProperties,
  findings: Findings,
  absent: (key: string) => string
): SecuritySettings | null {
  const values = parseOptions(securityOptions, properties, findings)
  if (values === null) return null
  const refused: string[] = []
  const report: Report = (key, expected) => {
    refused.push(key)
    const found = properties.get(key)
    findings.problem(found?.origin ?? absent(key), found?.raw ?? null, expected)
  }
  const protocol = values['security.protocol'] ?? 'PLAINTEXT'
  const sign = signsOfSecurity.find((key) => values[key] !== null)
  if (values['security.protocol'] === null && sign !== undefined) {
    report(
      'security.protocol',
      `SSL, SASL_PLAINTEXT or SASL_SSL, since ${sign} is set; PLAINTEXT to connect without security`
    )
  }
  const tls = protocol === 'SSL' || protocol === 'SASL_SSL' ? tlsSettings(values, report) : null
  const sasl = protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL' ? saslSettings(values, report) : null
  return refused.length === 0 ? { protocol, tls, sasl } : null
}

function tlsSettings(values: SecurityValues, report: Report): TlsSettings {
  const protocols = values['ssl.enabled.protocols']
  return {
    trustStore: trustStoreSettings(values, report),
    keyStore: keyStoreSettings(values, report),
    keyPassword: values['ssl.key.password'],
    verifyHostname: values['ssl.endpoint.identification.algorithm'] === 'https',
    enabledProtocols: (['TLSv1.2', 'TLSv1.3'] as const).filter(
      (name) => protocols.length === 0 || protocols.includes(name)
    ),
    cipherSuites: values['ssl.cipher.suites']
  }
}

const loginModules: Readonly<Record<SaslMechanism, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule'
}

function isMechanism(name: string | null): name is SaslMechanism {
  return name !== null && Object.hasOwn(loginModules, name)
}

function saslSettings(values: SecurityValues, report: Report): SaslSettings | null {
  const mechanism = values['sasl.mechanism']
  if (!isMechanism(mechanism)) {
    const hint = mechanism === null ? ' (the default of Java, GSSAPI, is not in this release)' : ''
    report('sasl.mechanism', `one of ${Object.keys(loginModules).join(', ')}${hint}`)
    return null
  }
  const text = values['sasl.jaas.config']
  const entry = text === null ? null : parseJaasConfig(text)
  const username = entry?.options.get('username')
  const password = entry?.options.get('password')
  const module = loginModules[mechanism]
  if (entry?.loginModule !== module || username === undefined || password === undefined) {
    report('sasl.jaas.config', `${module} required username="..." password="...";`)
    return null
  }
  if (entry.options.get('tokenauth')?.toLowerCase() === 'true') {
    report('sasl.jaas.config', 'no tokenauth: delegation tokens are not in this release')
    return null
  }
  return { mechanism, username, password }
}
