import { describe, expect, it } from 'vitest'
import { describeWarning } from '../../../src/config/config-error.ts'
import { load, route, sourceOf, twoClusters } from '../../support/route-settings.ts'

const warnings = (lines: readonly string[]): string[] => load(lines).warnings.map(describeWarning)

describe('warnings about a file', () => {
  it.each([
    ['A->B.enable = true', 'A->B.enable: unknown key; the nearest known one is A->B.enabled'],
    ['emit.heartbeats = false', 'emit.heartbeats: unknown key; the nearest known one is emit.heartbeats.enabled'],
    ['A.consumer.fetch.max.byte = 1', /nearest known one is A.consumer.fetch.max.bytes$/],
    ['A->B.source.consumer.isolation.levl = x', /nearest known one is A->B.source.consumer.isolation.level$/],
    ['offset.storage.replication.facto = 1', /nearest known one is offset.storage.replication.factor$/],
    ['D.bootstrap.servers = d:9092', 'D.bootstrap.servers: unknown: D is not among the clusters (A, B)'],
    ['something.else.entirely = 1', 'something.else.entirely: unknown key'],
    ['offset.flush.interval.ms = 1', /^offset.flush.interval.ms: has no effect here.*B\.\*$/],
    ['A->B.offset.flush.interval.ms = 1', /has no effect here.*B\.\*$/],
    ['use.defaults.from = source', /has no effect here.*A->B\.\*$/],
    ['consumer.isolation.level = read_committed', /has no effect here.*A\.\*$/],
    ['B.topics = x', /has no effect here.*A->B\.\*$/],
    ['A.fetch.max.bytes = 1', /has no effect here.*A\.consumer\.\*/],
    ['A->B.producer.acks = 1', /write A->B.producer.override.acks$/],
    ['topics.blacklist = x', 'topics.blacklist: old name of topics.exclude, taken for it'],
    ['topics = a,,a,', 'topics: empty elements and duplicates dropped from the list'],
    ['enabled = true', /switches every route on/]
  ])('%s', (line, warning) => {
    expect(warnings([...twoClusters, line])).toEqual([
      typeof warning === 'string' ? warning : expect.stringMatching(warning)
    ])
  })

  it.each([
    'A->B.topic.creation.default.replication.factor = 1',
    'A->B.topic.creation.default.cleanup.policy = compact',
    'B.status.storage.min.insync.replicas = 1',
    'A->B.source.consumer.fetch.min.bytes = 1',
    'A->B.target.admin.request.timeout.ms = 1000',
    'A->B.producer.override.max.request.size = 1000',
    'A.consumer.ssl.protocol = TLSv1.3',
    'replication.policy.separator = _',
    'B.request.timeout.ms = 1000'
  ])('are not given for %s', (line) => {
    expect(warnings([...twoClusters, line]).filter((warning) => !warning.includes('without effect'))).toEqual([])
  })

  const identity = 'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy'

  it.each([
    ['of both routes', [identity], {}],
    ['of one of them', [`A->B.${identity}`], {}],
    ['where another process has the way back', [identity], { clusters: ['B'] }]
  ])(
    'say once that topics go round where two clusters mirror each other by the Identity policy %s',
    (_, lines, select) => {
      const found = load([...twoClusters, 'B->A.enabled = true', ...lines], select).warnings.map(describeWarning)
      expect(found).toEqual([
        expect.stringMatching(/^replication\.policy\.class: A->B keeps the names of topics, and B->A is enabled too/)
      ])
    }
  )

  it('say nothing of the Identity policy one way, nor of two ways by the Default policy', () => {
    expect(warnings([...twoClusters, identity])).toEqual([])
    expect(warnings([...twoClusters, 'B->A.enabled = true'])).toEqual([])
  })

  it('say that a new name wins over its old one', () => {
    const lines = [...twoClusters, 'topics.blacklist = x', 'A->B.topics.exclude = y']
    expect(sourceOf(route(load(lines), 'A->B')).options['topics.exclude']).toEqual(['y'])
    expect(warnings(lines)).toContain('topics.blacklist: left out: A->B.topics.exclude is set and wins')
    const old = route(load([...twoClusters, 'topics.blacklist = x']), 'A->B')
    expect(sourceOf(old).options['topics.exclude']).toEqual(['x'])
  })

  it.each(['use.incremental.alter.configs = never', 'A->B.use.incremental.alter.configs = never'])(
    'are not given for %s, which is obeyed wherever 3.9 obeyed it',
    (line) => {
      expect(warnings([...twoClusters, line])).toEqual([])
      expect(sourceOf(route(load([...twoClusters, line]), 'A->B')).settings.incrementalAlterConfigs).toBe('never')
    }
  )
})
