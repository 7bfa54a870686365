import { describe, expect, it } from 'vitest'
import { type ConfigError } from '../../../src/config/config-error.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { type MirrorClientConfig, readMirrorClientConfig } from '../../../src/mirror-client/mirror-client-config.ts'

const read = (config: MirrorClientConfig) => readMirrorClientConfig(config, new PluginLoader('.'))

async function problemsOf(config: MirrorClientConfig): Promise<string[]> {
  return await read(config).then(
    () => [],
    (error: unknown) => (error as ConfigError).message.split('\n')
  )
}

const certificate = '-----BEGIN CERTIFICATE-----\nxyz\n-----END CERTIFICATE-----'
const key = '-----BEGIN PRIVATE KEY-----\nxyz\n-----END PRIVATE KEY-----'

describe('the properties of the reference', () => {
  it('hold for both clients, and with a prefix for one', async () => {
    const settings = await read({
      'bootstrap.servers': 'b1:9092,b2:9093',
      'consumer.bootstrap.servers': 'b3:9094',
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";',
      'admin.client.id': 'failover'
    })
    const security = {
      protocol: 'SASL_PLAINTEXT',
      tls: null,
      sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' }
    }
    expect(settings.admin).toMatchObject({ clientId: 'failover', security })
    expect(settings.admin.bootstrapServers).toEqual([
      { host: 'b1', port: 9092 },
      { host: 'b2', port: 9093 }
    ])
    expect(settings.consumer).toMatchObject({ clientId: 'mirror-client', security })
    expect(settings.consumer.bootstrapServers).toEqual([{ host: 'b3', port: 9094 }])
  })

  it('need brokers without a prefix, even where each client has its own', async () => {
    const own = { 'admin.bootstrap.servers': 'b:1', 'consumer.bootstrap.servers': 'b:1' }
    expect(await problemsOf(own)).toEqual([
      'bootstrap.servers: missing, expected host:port addresses, separated by commas'
    ])
  })

  it('are resolved by the config providers that they declare', async () => {
    process.env['MIRROR_TEST_BROKERS'] = 'b:9092'
    const { consumer } = await read({
      'config.providers': 'env',
      'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
      'bootstrap.servers': '${env:MIRROR_TEST_BROKERS}'
    })
    expect(consumer.bootstrapServers).toEqual([{ host: 'b', port: 9092 }])
  })
})

describe('a config of kafkajs', () => {
  it('is followed, with the names of remote topics beside it', async () => {
    const { admin, consumer, policy } = await read({
      clientId: 'shop',
      brokers: () => ['b1:9092', 'b2:9092'],
      ssl: { ca: [Buffer.from(certificate)], cert: certificate, key, passphrase: 'pass' },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
      requestTimeout: 5000,
      connectionTimeout: 2000,
      'replication.policy.separator': '_',
      'replication.policy.internal.topic.separator.enabled': false
    })
    expect(admin).toEqual(consumer)
    expect(consumer).toMatchObject({ clientId: 'shop', requestTimeoutMs: 5000, connectTimeoutMs: 2000 })
    expect(consumer.security).toEqual({
      protocol: 'SASL_SSL',
      tls: {
        trustStore: { type: 'PEM-INLINE', pem: certificate },
        keyStore: { type: 'PEM-INLINE', pem: `${certificate}\n${key}` },
        keyPassword: 'pass',
        verifyHostname: true,
        enabledProtocols: ['TLSv1.2', 'TLSv1.3'],
        cipherSuites: []
      },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' }
    })
    expect(policy).toEqual({
      'replication.policy.separator': '_',
      'replication.policy.internal.topic.separator.enabled': 'false'
    })
  })

  it.each([
    { ssl: true, sasl: undefined, protocol: 'SSL' },
    { ssl: false, sasl: undefined, protocol: 'PLAINTEXT' },
    { ssl: undefined, sasl: { mechanism: 'plain' as const, username: 'u', password: 'p' }, protocol: 'SASL_PLAINTEXT' }
  ])('with ssl $ssl connects by $protocol', async ({ ssl, sasl, protocol }) => {
    const { consumer } = await read({
      brokers: ['b:9092'],
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl })
    })
    expect(consumer.security.protocol).toBe(protocol)
  })

  const brokers = ['b:9092']
  const oauth = { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: '' }) } as const
  const socketFactory = (): never => {
    throw new Error('not called')
  }
  it.each<{ config: MirrorClientConfig; problem: string }>([
    { config: { brokers: [] }, problem: 'bootstrap.servers' },
    { config: { brokers, sasl: oauth }, problem: 'sasl.mechanism = oauthbearer' },
    { config: { brokers, socketFactory }, problem: 'socketFactory' },
    { config: { brokers, ssl: { rejectUnauthorized: false } }, problem: 'ssl.rejectUnauthorized = false' },
    { config: { brokers, ssl: { servername: 'other' } }, problem: 'ssl.servername' },
    { config: { brokers, ssl: { cert: certificate } }, problem: 'ssl.key: missing' },
    { config: { brokers, ssl: { ca: '/etc/ca.pem' } }, problem: 'ssl.ca' }
  ])('that cannot be followed is refused: $problem', async ({ config, problem }) => {
    expect((await problemsOf(config)).join()).toContain(problem)
  })
})
