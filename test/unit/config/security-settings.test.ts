import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeProblem } from '../../../src/config/config-error.ts'
import { type SecuritySettings } from '../../../src/config/client-settings.ts'
import { Findings } from '../../../src/config/findings.ts'
import { securitySettings } from '../../../src/config/security-settings.ts'
import { traced } from '../../../src/config/traced-properties.ts'

let directory = ''
let pkcs12 = ''
let jks = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'security-settings-'))
  pkcs12 = join(directory, 'store.p12')
  jks = join(directory, 'store.jks')
  writeFileSync(pkcs12, Buffer.from('3082', 'hex'))
  writeFileSync(jks, Buffer.from('feedfeed', 'hex'))
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

function secure(properties: Record<string, string>): { settings: SecuritySettings | null; problems: string[] } {
  const findings = new Findings()
  const settings = securitySettings(traced(Object.entries(properties)), findings, (key) => `A.${key}`)
  return { settings, problems: findings.problems.map(describeProblem) }
}

const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";'
const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";'

describe('securitySettings', () => {
  it('is plaintext when nothing is said', () => {
    expect(secure({})).toEqual({ settings: { protocol: 'PLAINTEXT', tls: null, sasl: null }, problems: [] })
  })

  it('reads SASL over TLS with a PKCS12 store under its Java default type', () => {
    const { settings, problems } = secure({
      'security.protocol': 'sasl_ssl',
      'ssl.truststore.location': pkcs12,
      'ssl.truststore.password': 'changeit',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': scram,
      'ssl.endpoint.identification.algorithm': ''
    })
    expect(problems).toEqual([])
    expect(settings).toMatchObject({
      protocol: 'SASL_SSL',
      tls: {
        trustStore: { type: 'PKCS12', location: pkcs12, password: 'changeit' },
        keyStore: null,
        verifyHostname: false,
        enabledProtocols: ['TLSv1.2', 'TLSv1.3']
      },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' }
    })
  })

  it('reads inline PEM for both stores', () => {
    const pem = (what: string): string => `-----BEGIN ${what}-----\nAA==\n-----END ${what}-----`
    const { settings } = secure({
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': pem('CERTIFICATE'),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': pem('CERTIFICATE'),
      'ssl.keystore.key': pem('PRIVATE KEY')
    })
    expect(settings?.tls?.trustStore).toEqual({ type: 'PEM-INLINE', pem: pem('CERTIFICATE') })
    expect(settings?.tls?.keyStore).toEqual({ type: 'PEM-INLINE', pem: `${pem('CERTIFICATE')}\n${pem('PRIVATE KEY')}` })
  })

  it.each([
    ['credentials without a protocol', { 'sasl.jaas.config': plain }, /^A.security.protocol: missing, expected SSL/],
    [
      'no mechanism',
      { 'security.protocol': 'SASL_SSL', 'sasl.jaas.config': plain },
      /^A.sasl.mechanism: missing.*GSSAPI/
    ],
    [
      'OAUTHBEARER',
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'OAUTHBEARER' },
      /^sasl.mechanism = OAUTHBEARER/
    ],
    ['no credentials', { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN' }, /^A.sasl.jaas.config: missing/],
    [
      'the wrong module',
      { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': scram },
      /^sasl.jaas.config = \[hidden\]: expected .*PlainLoginModule/
    ],
    ['an engine class', { 'ssl.engine.factory.class': 'com.example.X' }, /^ssl.engine.factory.class = com.example.X/],
    ['a callback class', { 'sasl.client.callback.handler.class': 'com.example.X' }, /^sasl.client.callback/],
    [
      'an absent file',
      { 'security.protocol': 'SSL', 'ssl.truststore.location': '/absent/x' },
      /^ssl.truststore.location = \/absent\/x: expected a file that can be read/
    ],
    ['an old TLS', { 'security.protocol': 'SSL', 'ssl.enabled.protocols': 'TLSv1' }, /^ssl.enabled.protocols = TLSv1/]
  ])('refuses %s', (_, properties, problem) => {
    const { settings, problems } = secure(properties)
    expect(settings).toBeNull()
    expect(problems).toEqual([expect.stringMatching(problem)])
  })

  it('refuses a JKS store with a way out, and a PKCS12 store without a password', () => {
    const { problems } = secure({
      'security.protocol': 'SSL',
      'ssl.truststore.location': jks,
      'ssl.keystore.location': pkcs12,
      'ssl.keystore.type': 'PKCS12'
    })
    expect(problems).toEqual([
      expect.stringMatching(/^A.ssl.truststore.type: missing, expected PEM or PKCS12.*keytool/),
      expect.stringMatching(/^A.ssl.keystore.password: missing/)
    ])
  })
})
