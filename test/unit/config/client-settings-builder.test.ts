import { describe, expect, it } from 'vitest'
import { parseBrokerAddress } from '../../../src/config/broker-address.ts'
import { consumerSettings, producerSettings, type ClientSource } from '../../../src/config/client-settings-builder.ts'
import { describeProblem } from '../../../src/config/config-error.ts'
import { Findings } from '../../../src/config/findings.ts'
import { traced } from '../../../src/config/traced-properties.ts'

function source(properties: Record<string, string>): ClientSource {
  return {
    properties: traced(Object.entries({ 'bootstrap.servers': 'a:9092, [::1]:9093', ...properties })),
    clientId: (userClientId) => `${userClientId}!`,
    findings: new Findings(),
    absent: (key) => `A.${key}`
  }
}

describe('client settings', () => {
  it('have the defaults of the Java consumer, but for a smaller fetch', () => {
    expect(consumerSettings(source({ 'client.id': 'me' }))).toEqual({
      bootstrapServers: [
        { host: 'a', port: 9092 },
        { host: '::1', port: 9093 }
      ],
      clientId: 'me!',
      security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
      requestTimeoutMs: 30_000,
      connectTimeoutMs: 10_000,
      reconnectBackoffMs: 50,
      reconnectBackoffMaxMs: 1000,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1000,
      metadataMaxAgeMs: 300_000,
      connectionsMaxIdleMs: 540_000,
      fetchMinBytes: 1,
      fetchMaxBytes: 16 * 1024 * 1024,
      maxPartitionFetchBytes: 1024 * 1024,
      fetchMaxWaitMs: 500,
      isolationLevel: 'read_uncommitted',
      autoOffsetReset: 'earliest',
      clientRack: ''
    })
  })

  it('keep at most five requests under way and the codec of the source', () => {
    const properties = { acks: '1', 'max.in.flight.requests.per.connection': '20', 'request.timeout.ms': '7' }
    expect(producerSettings(source(properties))).toMatchObject({
      acks: 1,
      maxInFlightRequests: 5,
      ackTimeoutMs: 7,
      compressionType: null
    })
  })

  it('never wait less than a millisecond before a retry', () => {
    const properties = { 'retry.backoff.ms': '0', 'retry.backoff.max.ms': '0', 'reconnect.backoff.ms': '0' }
    expect(consumerSettings(source(properties))).toMatchObject({
      reconnectBackoffMs: 1,
      reconnectBackoffMaxMs: 1000,
      retryBackoffMs: 1,
      retryBackoffMaxMs: 1
    })
  })

  it('are null when anything is wrong, also with keys that are not obeyed', () => {
    const wrong = source({ 'fetch.min.bytes': '-1', 'max.poll.records': '0', 'security.protocol': 'TLS' })
    expect(consumerSettings(wrong)).toBeNull()
    expect(wrong.findings.problems.map(describeProblem)).toEqual([
      'fetch.min.bytes = -1: expected 0 or more',
      'max.poll.records = 0: expected 1 or more',
      'security.protocol = TLS: expected one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL'
    ])
  })
})

it.each([
  ['host:1', { host: 'host', port: 1 }],
  ['SASL_SSL://host.example:65535', { host: 'host.example', port: 65_535 }],
  ['[fe80::1%eth0]:9092', { host: 'fe80::1%eth0', port: 9092 }],
  ['host', null],
  ['host:65536', null],
  ['::1:9092', null],
  ['host:9092/x', null]
])('takes %s for a broker address or not', (text, address) => {
  expect(parseBrokerAddress(text)).toEqual(address)
})
