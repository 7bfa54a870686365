import { beforeAll, describe, expect, test } from 'vitest'
import { type Certificates, createCertificates } from '../../dev/local-kafka/certificates.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { clusterTimeoutMs, temporaryDirectories } from '../support/real-cluster.ts'
import { awkwardRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
const temporaryDirectory = temporaryDirectories()
const patience = { timeoutMs: 60_000 }
const password = 'swordfish "quoted"'
let certificates: Certificates
let pair: MirroredPair

beforeAll(async () => {
  certificates = await createCertificates(await temporaryDirectory())
  pair = await startPair(
    {
      certificates,
      listeners: [{ protocol: 'SASL_SSL', mechanisms: ['SCRAM-SHA-512'] }],
      users: [{ name: 'alice', password }]
    },
    { certificates, listeners: [{ protocol: 'SSL', clientAuth: 'required' }] }
  )
}, clusterTimeoutMs)

function scram(alias: string, login = password): Record<string, string> {
  const quoted = login.replaceAll('"', '\\"')
  return {
    [`${alias}.security.protocol`]: 'SASL_SSL',
    [`${alias}.sasl.mechanism`]: 'SCRAM-SHA-512',
    [`${alias}.sasl.jaas.config`]: `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="${quoted}";`,
    [`${alias}.ssl.truststore.type`]: 'PKCS12',
    [`${alias}.ssl.truststore.location`]: certificates.ca.pkcs12,
    [`${alias}.ssl.truststore.password`]: certificates.password
  }
}

function mutualTls(alias: string): Record<string, string> {
  return {
    [`${alias}.security.protocol`]: 'SSL',
    [`${alias}.ssl.truststore.type`]: 'PEM',
    [`${alias}.ssl.truststore.location`]: certificates.ca.pem,
    [`${alias}.ssl.keystore.type`]: 'PEM',
    [`${alias}.ssl.keystore.location`]: certificates.client.pem
  }
}

const secureSource = (): { bootstrapServers: string } => ({ bootstrapServers: pair.source.bootstrapFor('SASL_SSL') })
const secureTarget = (): { bootstrapServers: string } => ({ bootstrapServers: pair.target.bootstrapFor('SSL') })

async function untilItComplains(mirror: LocalMirror): Promise<void> {
  await waitUntil('it complains', async () => (await complaints(mirror)).length > 0, patience)
}

describe('mirroring between secured clusters', () => {
  test('logs in by SCRAM over TLS at one and by certificate at the other, and never logs a secret', async () => {
    await produceRecords(pair.source, 'secured', awkwardRecords())
    const properties = { ...scram('A'), ...mutualTls('B') }
    const mirror = await startMirror(secureSource(), secureTarget(), properties, { logLevel: 'debug' })
    await pair.expectMirrored(['secured'])
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await complaints(mirror)).toEqual([])
    expect(await mirror.output()).not.toMatch(/swordfish|changeit|PRIVATE KEY/)
  })

  test('waits for a source that refuses the password, says so once, and tells the password to nobody', async () => {
    const properties = { ...scram('A', 'guessed'), ...mutualTls('B') }
    const mirror = await startMirror(secureSource(), secureTarget(), properties, { logLevel: 'debug' })
    await waitUntil(
      'it has tried often',
      async () => {
        const failures = (await mirror.log()).filter(({ msg }) => msg === 'Metadata refresh failed')
        return failures.length > 5
      },
      patience
    )
    const refused = (await complaints(mirror)).filter((line) => line['cluster'] === 'A')
    expect(refused).toMatchObject([{ level: 40, code: 'MIRROR_AUTHENTICATION' }])
    expect(mirror.running).toBe(true)
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    expect(await mirror.output()).not.toMatch(/guessed/)
  })

  test('ends with 3 where the target refuses the password at start', async () => {
    const properties = { ...mutualTls('A'), ...scram('B', 'guessed') }
    const mirror = await startMirror(secureTarget(), secureSource(), properties)
    expect(await mirror.exited).toEqual({ code: 3, signal: null })
    const last = (await mirror.log()).at(-1)
    expect(last).toMatchObject({ level: 50, err: { code: 'MIRROR_AUTHENTICATION' } })
    expect(last?.msg).toMatch(/^Start failed: .* did not accept user "alice" with SCRAM-SHA-512/)
    expect(await mirror.output()).not.toMatch(/guessed/)
  })

  test.each(['source', 'target'] as const)('never speaks in the clear to a %s that should be secure', async (side) => {
    const properties = { ...scram('C'), ...mutualTls('D') }
    const [from, to] = side === 'source' ? [pair.source, secureTarget()] : [secureSource(), pair.target]
    const mirror = await startMirror(from, to, properties, { aliases: ['C', 'D'] })
    await untilItComplains(mirror)
    await mirror.kill()
    expect((await complaints(mirror))[0]).toMatchObject({
      cluster: side === 'source' ? 'C' : 'D',
      code: 'MIRROR_TLS'
    })
    const remote = (await pair.targetAdmin.topics()).filter((topic) => topic.startsWith('C.'))
    expect(remote.filter((topic) => topic !== 'C.checkpoints.internal')).toEqual([])
  })
})
