import { once } from 'node:events'
import { copyFile, readFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Certificates, createCertificates } from '../../../dev/local-kafka/certificates.ts'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { type SaslSettings, type SecuritySettings, type TlsSettings } from '../../../src/config/client-settings.ts'
import { type Connection } from '../../../src/net/connection.ts'
import { openConnection } from '../../../src/net/open-connection.ts'
import { metadata } from '../../../src/wire/api/03-metadata.ts'
import { clusterTimeoutMs, realClusters, temporaryDirectories } from '../../support/real-cluster.ts'

const reauthenticateMs = 3_000
const startCluster = realClusters()
const temporaryDirectory = temporaryDirectories()

let cluster: LocalCluster
let certificates: Certificates
/** Of an authority that nobody here trusts. */
let strangers: Certificates
let directory: string

beforeAll(async () => {
  cluster = await startCluster({
    listeners: [
      { protocol: 'SSL' },
      { name: 'MUTUAL', protocol: 'SSL', clientAuth: 'required' },
      { protocol: 'SASL_PLAINTEXT' },
      { name: 'ONLYSCRAM', protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] },
      { protocol: 'SASL_SSL' },
      { name: 'REAUTH', protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-256'] }
    ],
    users: [{ name: 'alice', password: 'se=cret' }],
    settings: {
      'listener.name.reauth.scram-sha-256.connections.max.reauth.ms': String(reauthenticateMs)
    }
  })
  if (cluster.certificates === undefined) throw new Error('The cluster has no certificates')
  certificates = cluster.certificates
  directory = await temporaryDirectory()
  strangers = await createCertificates(join(directory, 'strangers'))
}, clusterTimeoutMs)

function tlsSettings(changes: Partial<TlsSettings> = {}): TlsSettings {
  return {
    trustStore: { type: 'PEM', location: certificates.ca.pem },
    keyStore: null,
    keyPassword: null,
    verifyHostname: true,
    enabledProtocols: ['TLSv1.2', 'TLSv1.3'],
    cipherSuites: [],
    ...changes
  }
}

function trustPkcs12(of: Certificates = certificates): TlsSettings['trustStore'] {
  return { type: 'PKCS12', location: of.ca.pkcs12, password: of.password }
}

const alice = (mechanism: SaslSettings['mechanism'], password = 'se=cret'): SaslSettings => ({
  mechanism,
  username: 'alice',
  password
})

function security(tls: TlsSettings | null, sasl: SaslSettings | null): SecuritySettings {
  const protocol = sasl === null ? (tls === null ? 'PLAINTEXT' : 'SSL') : tls === null ? 'SASL_PLAINTEXT' : 'SASL_SSL'
  return { protocol, tls, sasl }
}

async function open(listener: string, how: SecuritySettings): Promise<Connection> {
  const { host, port } = cluster.broker(1).advertised(listener)
  return await openAt(host, port, how)
}

async function openAt(host: string, port: number, how: SecuritySettings): Promise<Connection> {
  return await openConnection({
    host,
    port,
    clientId: 'test',
    security: how,
    connectTimeoutMs: 10_000,
    requestTimeoutMs: 10_000,
    kind: 'control',
    maxFrameBytes: 100_000_000,
    clock: systemClock,
    logger: silentLogger
  })
}

/** Whether the broker takes requests, which is more than an open connection. */
async function answers(connection: Connection): Promise<boolean> {
  try {
    return (await connection.request(metadata, { topics: [] })).brokers.length === 1
  } finally {
    connection.close()
  }
}

async function failure(opening: Promise<Connection>): Promise<unknown> {
  return await opening.then(
    (connection) => {
      connection.close()
      return 'opened'
    },
    (error: unknown) => error
  )
}

describe('SASL', () => {
  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    '%s logs in, without TLS and with',
    async (mechanism) => {
      expect(await answers(await open('SASL_PLAINTEXT', security(null, alice(mechanism))))).toBe(true)
      expect(await answers(await open('SASL_SSL', security(tlsSettings(), alice(mechanism))))).toBe(true)
    }
  )

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('%s refuses a wrong password', async (mechanism) => {
    const error = await failure(open('SASL_PLAINTEXT', security(null, alice(mechanism, 'wrong'))))
    expect(error).toMatchObject({ code: 'MIRROR_AUTHENTICATION', retriable: false })
    expect(String(error)).toMatch(new RegExp(`127\\.0\\.0\\.1:\\d+ .*"alice" with ${mechanism}`))
    expect(String(error)).not.toContain('wrong')
  })

  test('a mechanism that the listener lacks is named with those that it has', async () => {
    expect(await failure(open('ONLYSCRAM', security(null, alice('PLAIN'))))).toMatchObject({
      code: 'MIRROR_AUTHENTICATION',
      message: expect.stringContaining('SCRAM-SHA-512 only') as string
    })
  })

  test('a listener without SASL is told from wrong credentials', async () => {
    expect(await failure(open('PLAINTEXT', security(null, alice('PLAIN'))))).toMatchObject({
      code: 'MIRROR_AUTHENTICATION',
      message: expect.stringContaining('does not use SASL') as string
    })
  })

  test('a session is renewed before the broker ends it, while requests go on', async () => {
    const connection = await open('REAUTH', security(null, alice('SCRAM-SHA-256')))
    const endMs = performance.now() + 2.5 * reauthenticateMs
    while (performance.now() < endMs) {
      const both = [connection.request(metadata, { topics: [] }), connection.request(metadata, { topics: [] })]
      expect((await Promise.all(both)).map(({ brokers }) => brokers.length)).toEqual([1, 1])
      await delay(20)
    }
    expect(connection.closed).toBe(false)
    connection.close()
  })
})

describe('TLS', () => {
  test('trusts what a PEM file, a PEM text with its line ends lost, or a PKCS12 store of keytool names', async () => {
    const pem = (await readFile(certificates.ca.pem, 'utf8')).replaceAll('\n', ' ')
    for (const trustStore of [tlsSettings().trustStore, { type: 'PEM-INLINE', pem } as const, trustPkcs12()]) {
      expect(await answers(await open('SSL', security(tlsSettings({ trustStore }), null)))).toBe(true)
    }
  })

  test('presents a client certificate from PEM or PKCS12', async () => {
    const { client, password } = certificates
    const stores = [
      { type: 'PEM', location: client.pem },
      { type: 'PKCS12', location: client.pkcs12, password }
    ] as const
    for (const keyStore of stores) {
      const tls = tlsSettings({ trustStore: trustPkcs12(), keyStore })
      expect(await answers(await open('MUTUAL', security(tls, null)))).toBe(true)
    }
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('says over %s that the broker wants a certificate', async (version) => {
    const error = await failure(open('MUTUAL', security(tlsSettings({ enabledProtocols: [version] }), null)))
    expect(error).toMatchObject({
      code: 'MIRROR_TLS',
      retriable: false,
      message: expect.stringContaining('ssl.keystore') as string
    })
  })

  test("keeps to the protocol and the cipher suites asked for, in Java's names", async () => {
    const cipherSuites = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']
    const fits = tlsSettings({ enabledProtocols: ['TLSv1.2'], cipherSuites })
    expect(await answers(await open('SSL', security(fits, null)))).toBe(true)
    // The broker's key is elliptic: no suite that signs with RSA can be agreed on.
    const unfit = tlsSettings({ enabledProtocols: ['TLSv1.2'], cipherSuites: ['TLS_RSA_WITH_AES_128_GCM_SHA256'] })
    expect(await failure(open('SSL', security(unfit, null)))).toMatchObject({ code: 'MIRROR_TLS' })
  })

  test('refuses a broker whose authority is not in the trust store, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    for (const trustStore of [null, trustPkcs12(strangers)]) {
      expect(await failure(open('SSL', security(tlsSettings({ trustStore }), null)))).toMatchObject({
        code: 'MIRROR_TLS',
        retriable: false,
        message: expect.stringContaining('ssl.truststore') as string
      })
    }
  })

  test('refuses a certificate that does not name the host, unless that check is off', async () => {
    const { host, port } = cluster.broker(1).advertised('SSL')
    // A second address of this machine, which the certificate does not have.
    const other = createServer((inside) => {
      const outside = connect(port, host)
      inside.pipe(outside).pipe(inside)
      for (const socket of [inside, outside]) socket.on('error', () => socket.destroy())
    }).listen(0, '127.0.0.2')
    await once(other, 'listening')
    const otherPort = (other.address() as AddressInfo).port
    expect(await failure(openAt('127.0.0.2', otherPort, security(tlsSettings(), null)))).toMatchObject({
      code: 'MIRROR_TLS',
      retriable: false,
      message: expect.stringContaining('ssl.endpoint.identification.algorithm') as string
    })
    const unchecked = security(tlsSettings({ verifyHostname: false }), null)
    expect(await answers(await openAt('127.0.0.2', otherPort, unchecked))).toBe(true)
    other.close()
  })

  test('notices a trust store that was replaced', async () => {
    const location = join(directory, 'trust.p12')
    await copyFile(strangers.ca.pkcs12, location)
    const tls = tlsSettings({ trustStore: { type: 'PKCS12', location, password: certificates.password } })
    expect(await failure(open('SSL', security(tls, null)))).toMatchObject({ code: 'MIRROR_TLS' })
    await copyFile(certificates.ca.pkcs12, location)
    expect(await answers(await open('SSL', security(tls, null)))).toBe(true)
  })

  test('names the key at fault when a store cannot be used', async () => {
    const { client, password } = certificates
    const faults: [Partial<TlsSettings>, RegExp][] = [
      [{ trustStore: { type: 'PEM', location: join(directory, 'none.pem') } }, /ssl\.truststore\.location/],
      [
        { trustStore: { type: 'PKCS12', location: certificates.ca.pkcs12, password: 'no' } },
        /ssl\.truststore\.password/
      ],
      [{ trustStore: { type: 'PEM', location: client.keyPem } }, /no certificate in .*ssl\.truststore/],
      [
        { keyStore: { type: 'PKCS12', location: certificates.ca.pkcs12, password } },
        /no private key in .*ssl\.keystore/
      ],
      [{ keyStore: { type: 'PEM', location: certificates.ca.pem } }, /PRIVATE KEY .* needed in .*ssl\.keystore/],
      [{ cipherSuites: ['TLS_MADE_UP_WITH_NOTHING'] }, /ssl\.cipher\.suites names TLS_MADE_UP_WITH_NOTHING/]
    ]
    for (const [changes, expected] of faults) {
      const error = await failure(open('SSL', security(tlsSettings(changes), null)))
      expect(error).toMatchObject({ code: 'MIRROR_TLS', message: expect.stringMatching(expected) as string })
    }
  })
})

describe('a security protocol that does not fit the listener', () => {
  test('plaintext to a TLS port fails and names the setting', async () => {
    const error = await failure(open('SSL', security(null, null)))
    expect(String(error)).toMatch(/127\.0\.0\.1:\d+.*security\.protocol/)
  })

  test('TLS to a plaintext port fails and names the setting', async () => {
    expect(await failure(open('PLAINTEXT', security(tlsSettings(), null)))).toMatchObject({
      code: 'MIRROR_TLS',
      message: expect.stringContaining('security.protocol') as string
    })
  })

  test('no SASL to a SASL port is cut off at the first request, with the setting named', async () => {
    const connection = await open('SASL_PLAINTEXT', security(null, null))
    await expect(connection.request(metadata, { topics: [] })).rejects.toMatchObject({
      code: 'MIRROR_NETWORK',
      message: expect.stringContaining('security.protocol') as string
    })
  })
})
