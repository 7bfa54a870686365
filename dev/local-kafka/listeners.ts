/** The listeners of a broker as server properties: which ports, which protocol, who may log in. */
import { type Certificates } from './certificates.ts'

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

export interface ListenerOptions {
  /** Default: the protocol. */
  readonly name?: string
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** Default: all three. */
  readonly mechanisms?: readonly SaslMechanism[]
  /** Default `none`; `required` is mutual TLS. */
  readonly clientAuth?: 'none' | 'requested' | 'required'
}

export interface User {
  readonly name: string
  readonly password: string
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** A listener with the port it is bound to and the address that it tells clients. */
export interface BoundListener extends ListenerOptions {
  readonly name: string
  readonly port: number
  readonly advertised: Endpoint
}

export interface Credentials {
  readonly users: readonly User[]
  readonly certificates: Certificates | undefined
}

const allMechanisms: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

export function usesTls(listener: ListenerOptions): boolean {
  return listener.protocol.endsWith('SSL')
}

export function mechanismsOf(listener: ListenerOptions): readonly SaslMechanism[] {
  return listener.protocol.startsWith('SASL') ? (listener.mechanisms ?? allMechanisms) : []
}

/** What one listener needs under its own prefix, so that two listeners of a broker never share a setting. */
export function listenerSettings(listener: BoundListener, credentials: Credentials): Record<string, string> {
  const prefix = `listener.name.${listener.name.toLowerCase()}`
  const settings: Record<string, string> = {}
  const mechanisms = mechanismsOf(listener)
  if (mechanisms.length > 0) settings[`${prefix}.sasl.enabled.mechanisms`] = mechanisms.join(',')
  for (const mechanism of mechanisms) {
    settings[`${prefix}.${mechanism.toLowerCase()}.sasl.jaas.config`] = brokerJaasConfig(mechanism, credentials.users)
  }
  if (usesTls(listener) && credentials.certificates !== undefined) {
    const { broker, ca, password } = credentials.certificates
    Object.assign(settings, {
      [`${prefix}.ssl.keystore.type`]: 'PKCS12',
      [`${prefix}.ssl.keystore.location`]: broker.pkcs12,
      [`${prefix}.ssl.keystore.password`]: password,
      [`${prefix}.ssl.key.password`]: password,
      [`${prefix}.ssl.truststore.type`]: 'PKCS12',
      [`${prefix}.ssl.truststore.location`]: ca.pkcs12,
      [`${prefix}.ssl.truststore.password`]: password,
      [`${prefix}.ssl.client.auth`]: listener.clientAuth ?? 'none'
    })
  }
  return settings
}

/** SCRAM users are in the cluster's metadata (written by the format step), PLAIN users only in this setting. */
function brokerJaasConfig(mechanism: SaslMechanism, users: readonly User[]): string {
  if (mechanism !== 'PLAIN') return 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const entries = users.map((user) => ` user_${user.name}="${user.password.replace(/["\\]/g, '\\$&')}"`)
  return `org.apache.kafka.common.security.plain.PlainLoginModule required${entries.join('')};`
}
