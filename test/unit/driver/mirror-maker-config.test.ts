import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ConfigError, describeProblem, describeWarning } from '../../../src/config/config-error.ts'
import { loadMirrorMakerConfig } from '../../../src/driver/mirror-maker-config.ts'
import { load, producerOf, route, type Selection, sourceOf, twoClusters } from '../../support/route-settings.ts'

function problems(lines: readonly string[], selection?: Selection): string[] {
  try {
    load(lines, selection)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(describeProblem)
    throw error
  }
}

const warnings = (lines: readonly string[]): string[] => load(lines).warnings.map(describeWarning)

describe('the worked example of the reference', () => {
  const config = load([
    'clusters = A, B',
    'A.bootstrap.servers = a:9092',
    'B.bootstrap.servers = b:9092',
    // SASL_SSL in the reference's example; SASL needs credentials here, which it leaves out.
    'security.protocol = SSL',
    'B.security.protocol = PLAINTEXT',
    'A.consumer.isolation.level = read_committed',
    'B.producer.compression.type = zstd',
    'tasks.max = 4',
    'use.defaults.from = source',
    'A->B.enabled = true',
    'A->B.topics = orders.*',
    'A->B.consumer.max.poll.records = 50',
    'A->B.consumer.isolation.level = read_uncommitted',
    'offset.storage.replication.factor = 1',
    'B.offset.flush.interval.ms = 10000',
    'A->B.offset.flush.interval.ms = 1'
  ])
  const { worker, workerProperties, connectorProperties, clients } = route(config, 'A->B')

  it('gives the worker its properties', () => {
    const converter = 'org.apache.kafka.connect.converters.ByteArrayConverter'
    expect(Object.fromEntries(workerProperties)).toEqual({
      'bootstrap.servers': 'b:9092',
      'security.protocol': 'PLAINTEXT',
      ...Object.fromEntries(
        ['producer', 'consumer', 'admin'].flatMap((kind) => [
          [`${kind}.bootstrap.servers`, 'b:9092'],
          [`${kind}.security.protocol`, 'PLAINTEXT']
        ])
      ),
      'producer.compression.type': 'zstd',
      'offset.flush.interval.ms': '10000',
      'offset.storage.replication.factor': '1',
      'tasks.max': '4',
      'client.id': 'A->B',
      'group.id': 'A-mm2',
      'offset.storage.topic': 'mm2-offsets.A.internal',
      'status.storage.topic': 'mm2-status.A.internal',
      'config.storage.topic': 'mm2-configs.A.internal',
      'key.converter': converter,
      'value.converter': converter,
      'header.converter': converter
    })
    expect(worker['offset.flush.interval.ms']).toBe(10_000)
  })

  it('gives the source connector its config', () => {
    const sides = [
      ['source', 'a:9092', 'SSL'],
      ['target', 'b:9092', 'PLAINTEXT']
    ].flatMap(([side, address, protocol]) =>
      ['cluster', 'producer', 'consumer', 'admin'].flatMap((kind) => [
        [`${String(side)}.${kind}.bootstrap.servers`, address],
        [`${String(side)}.${kind}.security.protocol`, protocol]
      ])
    )
    expect(Object.fromEntries(connectorProperties.get('MirrorSourceConnector') ?? [])).toEqual({
      ...Object.fromEntries(sides),
      'tasks.max': '4',
      'security.protocol': 'SSL',
      topics: 'orders.*',
      enabled: 'true',
      'source.consumer.isolation.level': 'read_committed',
      'target.cluster.offset.flush.interval.ms': '10000',
      'target.producer.compression.type': 'zstd',
      'consumer.max.poll.records': '50',
      'consumer.isolation.level': 'read_uncommitted',
      'offset.flush.interval.ms': '1',
      name: 'MirrorSourceConnector',
      'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
      'source.cluster.alias': 'A',
      'target.cluster.alias': 'B'
    })
  })

  it('gives clients the settings and ids of the reference', () => {
    const source = sourceOf(route(config, 'A->B'))
    expect(source.clients.consumer(3)).toMatchObject({
      bootstrapServers: [{ host: 'a', port: 9092 }],
      clientId: 'A->B|MirrorSourceConnector-3|replication-consumer',
      isolationLevel: 'read_committed',
      autoOffsetReset: 'earliest',
      security: { protocol: 'SSL' }
    })
    expect(producerOf(route(config, 'A->B'))).toMatchObject({
      bootstrapServers: [{ host: 'b', port: 9092 }],
      compressionType: 'zstd',
      acks: -1,
      security: { protocol: 'PLAINTEXT' }
    })
    expect(source.clients.targetAdmin.clientId).toBe('A->B|MirrorSourceConnector|replication-target-admin')
    expect(clients.stores.config.clientId).toBe('A-mm2-A->B-configs')
    expect(clients.stores.offset.clientId).toBe('A-mm2-A->B-offsets')
    expect(clients.stores.status.clientId).toBe('A-mm2-A->B-statuses')
    expect(clients.member.clientId).toBe('A->B')
  })

  it('warns of what had no effect', () => {
    expect(config.warnings.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['use.defaults.from', 'A->B.consumer.isolation.level', 'A->B.offset.flush.interval.ms'])
    )
  })
})

describe('routes', () => {
  const cluster = (alias: string): string => `${alias}.bootstrap.servers = ${alias}:9092`
  const clusters = (...aliases: string[]): string[] => [`clusters = ${aliases.join(',')}`, ...aliases.map(cluster)]
  const names = (lines: string[], selection?: Selection): string[] =>
    load(lines, selection).routes.map(({ source, target }) => `${source}->${target}`)

  it('are all pairs, since heartbeats are on by default', () => {
    expect(names(clusters('a', 'b', 'c'))).toHaveLength(6)
  })

  it('are none without heartbeats and without an enabled one', () => {
    const found = problems([...clusters('a', 'b', 'c'), 'emit.heartbeats.enabled = false'])
    expect(found).toEqual([expect.stringMatching(/^A->B.enabled: missing, expected at least one route/)])
  })

  it('follow the heartbeat switch of the pair before the global one', () => {
    const pairOff = ['a->b.emit.heartbeats.enabled = false', 'a->c.emit.heartbeats.enabled = false']
    expect(names([...clusters('a', 'b', 'c'), ...pairOff])).toHaveLength(4)
    const global = 'emit.heartbeats.enabled = false'
    const enabled = ['a->b.enabled = true', 'c->d.enabled = TRUE', 'e->f.enabled = true']
    expect(names([...clusters('a', 'b', 'c', 'd', 'e', 'f'), global, ...enabled])).toEqual(['a->b', 'c->d', 'e->f'])
    const oneOn = 'd->e.emit.heartbeats.enabled = true'
    expect(names([...clusters('a', 'b', 'c', 'd', 'e', 'f'), global, ...enabled.slice(1), oneOn])).toHaveLength(3)
  })

  it('are narrowed to the targets of --clusters', () => {
    expect(names(clusters('a', 'b', 'c'), { clusters: ['b'] })).toEqual(['a->b', 'c->b'])
  })

  it('are enabled with a trailing blank too, with a warning', () => {
    const lines = [...twoClusters.slice(0, 3), 'A->B.enabled = true ']
    expect(route(load(lines), 'A->B').enabled).toBe(true)
    expect(route(load(lines), 'B->A').enabled).toBe(false)
    expect(warnings(lines)).toEqual([expect.stringContaining('ends in blanks')])
  })
})

describe('inheritance', () => {
  it('prefers the client of the cluster, then the cluster, then the top level', () => {
    const config = load([
      ...twoClusters,
      'ssl.endpoint.identification.algorithm = https',
      'B.ssl.endpoint.identification.algorithm =',
      'security.protocol = PLAINTEXT',
      'B.security.protocol = SSL',
      'A.admin.security.protocol = SSL'
    ])
    const { clients } = sourceOf(route(config, 'A->B'))
    expect(clients.consumer(0).security.protocol).toBe('PLAINTEXT')
    expect(clients.sourceAdmin.security).toMatchObject({ protocol: 'SSL', tls: { verifyHostname: true } })
    expect(producerOf(route(config, 'A->B')).security).toMatchObject({
      protocol: 'SSL',
      tls: { verifyHostname: false }
    })
  })

  it('lets producer.override win over the producer of the target', () => {
    const config = load([
      ...twoClusters,
      'B.producer.acks = 1',
      'A->B.producer.override.acks = all',
      'B.producer.client.id = x'
    ])
    expect(producerOf(route(config, 'A->B'))).toMatchObject({ acks: -1, clientId: 'x' })
  })

  it('puts the client id that the user set in front', () => {
    const config = load([...twoClusters, 'A.consumer.client.id = me'])
    expect(sourceOf(route(config, 'A->B')).clients.consumer(0).clientId).toBe(
      'me|A->B|MirrorSourceConnector-0|replication-consumer'
    )
  })

  it('stores positions every second unless the target says otherwise', () => {
    expect(route(load(twoClusters), 'A->B').worker['offset.flush.interval.ms']).toBe(1000)
  })

  it('hands unknown keys below offset.storage to the offsets topic', () => {
    const config = load([...twoClusters, 'offset.storage.min.insync.replicas = 2'])
    expect([...route(config, 'A->B').storageTopicSettings.offset]).toEqual([['min.insync.replicas', '2']])
  })
})

describe('config providers', () => {
  const declared = [
    'config.providers = env',
    'config.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider'
  ]
  const lines = [
    ...declared,
    'clusters = A, B',
    'A.bootstrap.servers = ${env:SOURCE}',
    'B.bootstrap.servers = b:9092',
    'A->B.enabled = ${env:ON}',
    'A->B.topics = ${env:TOPICS}'
  ]
  const env = { SOURCE: 'a:1', ON: 'true', TOPICS: 'x' }

  it('are resolved for aliases, flags and clients, and kept in what is stored', () => {
    const config = load(lines, { env })
    const { enabled, connectorProperties } = route(config, 'A->B')
    const { options, clients } = sourceOf(route(config, 'A->B'))
    expect(enabled).toBe(true)
    expect(options.topics).toEqual(['x'])
    expect(connectorProperties.get('MirrorSourceConnector')?.get('topics')).toBe('${env:TOPICS}')
    expect(clients.consumer(0).bootstrapServers).toEqual([{ host: 'a', port: 1 }])
  })

  it('never show a resolved value in a problem', () => {
    const found = problems([...lines, 'A.consumer.fetch.min.bytes = ${env:TOPICS}'], { env })
    expect(found).toEqual([
      expect.stringMatching(/^A.consumer.fetch.min.bytes = \$\{env:TOPICS\}: expected a whole number/)
    ])
  })
})

describe('bad input', () => {
  it('is told all at once, one line a problem, once for all routes, with secrets masked', () => {
    const found = problems(
      [
        'clusters = A, B, C',
        'A.bootstrap.servers = a',
        'B.bootstrap.servers = b:9092',
        'tasks.max = many',
        'A->D.enabled = true',
        'A->B.enabled = true',
        'A->B.refresh.topics.interval.seconds = 0',
        'A->B.offset-syncs.topic.location = Source',
        'A.consumer.fetch.max.wait.ms = 1s',
        'B.offset.flush.interval.ms = 99999999999999999999',
        'B.security.protocol = SASL_PLAINTEXT',
        'B.sasl.mechanism = PLAIN',
        'B.sasl.jaas.config = PlainLoginModule required password="hunter2";'
      ],
      { clusters: ['E'] }
    )
    expect(found.join('\n')).not.toContain('hunter2')
    const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="..." password="...";'
    const addresses = 'host:port addresses, separated by commas'
    const int = 'a whole number between -2147483648 and 2147483647'
    expect(found.sort()).toEqual([
      '--clusters = E: expected one of A, B, C',
      'A->B.offset-syncs.topic.location = Source: expected one of source, target',
      'A->B.refresh.topics.interval.seconds = 0: expected 1 or more, or a negative number for off',
      'A->D.enabled = true: expected two different aliases of clusters (A, B, C) in front of the first dot',
      `A.bootstrap.servers = a: expected ${addresses}`,
      `A.consumer.fetch.max.wait.ms = 1s: expected ${int}`,
      'B.offset.flush.interval.ms = 99999999999999999999: expected a whole number between -9223372036854775808 and 9223372036854775807',
      `B.sasl.jaas.config = [hidden]: expected ${jaas}`,
      `C.bootstrap.servers: missing, expected ${addresses}`,
      `tasks.max = many: expected ${int}`
    ])
  })

  it.each([
    ['exactly.once.source.support', 'B.exactly.once.source.support = enabled'],
    ['exactly.once.support', 'A->B.exactly.once.support = required'],
    ['transforms without a class', 'A->B.transforms = x'],
    ['predicates without a class', 'A->B.predicates = x'],
    ['https listeners', 'listeners = https://:8443'],
    ['a custom policy', 'replication.policy.class = com.example.Policy'],
    ['a custom topic filter', 'A->B.topic.filter.class = com.example.Filter'],
    ['a custom property filter', 'config.property.filter.class = com.example.Filter'],
    ['a custom admin', 'forwarding.admin.class = com.example.Admin'],
    ['converters that are not to be had', 'B.value.converter = io.confluent.connect.avro.AvroConverter'],
    ['converters of a route that are not to be had', 'A->B.header.converter = com.example.Headers'],
    ['a pattern that is none', 'A->B.topics = orders(, x'],
    [
      'group offset sync without checkpoints',
      'sync.group.offsets.enabled = true\nA->B.emit.checkpoints.enabled = false'
    ],
    ['GSSAPI', 'A.security.protocol = SASL_SSL'],
    ['a non-boolean flag', 'A->B.enabled = yes'],
    [
      'offset syncs off with their topic configured',
      'A->B.emit.offset-syncs.enabled = false\noffset-syncs.topic.replication.factor = 1\nA->B.emit.checkpoints.enabled = false'
    ],
    ['checkpoints without offset syncs', 'A->B.emit.offset-syncs.enabled = false']
  ])('refuses %s in one line', (_, line) => {
    expect(problems([...twoClusters, line])).toHaveLength(1)
  })

  it('names keys that are missing as the file spells them, whatever a route calls its clusters', () => {
    const secured = ['A.security.protocol = SASL_PLAINTEXT', 'A.sasl.mechanism = PLAIN']
    const found = problems([...twoClusters, ...secured, 'A->B.source.cluster.alias = X'])
    expect([...new Set(found.map((line) => line.split(' ')[0]))]).toEqual(['A.sasl.jaas.config:'])
  })

  it('accepts the policies and classes that have an equivalent, and what merely defaults to on', () => {
    const accepted = [
      'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      'B.exactly.once.source.support = disabled',
      'A->B.emit.checkpoints.enabled = false',
      'sync.topic.acls.enabled = false'
    ]
    expect(problems([...twoClusters, ...accepted])).toEqual([])
    expect(warnings([...twoClusters, ...accepted])).toEqual([])
  })

  it('is a file without clusters, and one that is not there', async () => {
    expect(problems(['A.bootstrap.servers = a:9092'])).toEqual([
      'clusters: missing, expected aliases of clusters, separated by commas'
    ])
    await expect(loadMirrorMakerConfig({ path: '/absent.properties', clusters: [], env: {} })).rejects.toMatchObject({
      code: 'MIRROR_CONFIG_UNREADABLE'
    })
  })
})

it('a file that ends in .ini may use sections', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mirror-maker-config-'))
  try {
    const path = join(directory, 'mm2.ini')
    const sections = ['[A]', 'bootstrap.servers = a:1', '[B]', 'bootstrap.servers = b:2', '[A->B]', 'enabled = true']
    writeFileSync(path, ['clusters = A, B', ...sections].join('\n'))
    const config = await loadMirrorMakerConfig({ path, clusters: ['B'], env: {} })
    expect(config.routes.map(({ source, enabled }) => [source, enabled])).toEqual([['A', true]])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('the example file at the top level loads, with A->B on', async () => {
  const path = fileURLToPath(new URL('../../../mm2.properties', import.meta.url))
  const config = await loadMirrorMakerConfig({ path, clusters: [], env: {} })
  expect(config.routes.filter(({ enabled }) => enabled).map(({ source, target }) => `${source}->${target}`)).toEqual([
    'A->B'
  ])
  expect(config.warnings.map(describeWarning).filter((warning) => !warning.includes('without effect'))).toEqual([])
})
