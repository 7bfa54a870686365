import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { PluginLoader } from '../../../../src/config/plugin-loader.ts'
import { readConnectorConfig } from '../../../../src/mirror/connector-properties.ts'
import { MirrorPlugins } from '../../../../src/mirror/mirror-plugins.ts'
import { readMirrorSourceConfig } from '../../../../src/mirror/source/mirror-source-config.ts'
import { settle } from '../../../support/manual-clock.ts'
import { sourceConnectorUnderTest as setUp } from '../../../support/source-connector-under-test.ts'

const minute = 60_000
const clusters = { 'source.cluster.bootstrap.servers': 'a:9092', 'target.cluster.bootstrap.servers': 'b:9092' }

describe('MirrorSourceConnector', () => {
  it('creates remote topics with the settings of their sources before any task is configured', async () => {
    const { start, admin, configs, assigned } = setUp({ orders: 2 })
    const set = { value: 'compact', isDefault: false, isReadOnly: false, isSensitive: false, source: 1 }
    configs.set('orders', {
      entries: [
        { ...set, name: 'cleanup.policy' },
        { ...set, name: 'min.insync.replicas' }
      ]
    })
    expect(assigned()).toEqual([])
    await start()
    expect(admin.created).toEqual([
      { topic: 'A.orders', partitions: 2, replicationFactor: 2, configs: { 'cleanup.policy': 'compact' } }
    ])
    expect(assigned()).toEqual(['orders-0,orders-1'])
  })

  it('leaves heartbeats to the topic filter where heartbeats.replication.enabled is off', async () => {
    const { start, assigned } = setUp({ heartbeats: 1, orders: 1 }, { replicateHeartbeats: false })
    await start()
    expect(assigned()).toEqual(['orders-0'])
  })

  it('configures tasks in sorted order, whatever order topics are listed in', async () => {
    const { start, assigned, connector } = setUp({ b: 1, a: 2, nothing: 3 })
    await start()
    expect(assigned(2)).toEqual(['a-0,b-0', 'a-1'])
    expect(connector.taskConfigs(1)[0]).toMatchObject({ name: 'x', 'task.index': '0' })
  })

  it('mirrors heartbeats whatever the filter says, and neither broker-internal topics nor cycles', async () => {
    const { start, assigned, source } = setUp({ heartbeats: 1, 'B.orders': 1, offsets: 1 })
    source.internal.add('offsets')
    await start()
    expect(assigned()).toEqual(['heartbeats-0'])
  })

  it('leaves to classes of one’s own which topics and settings are mirrored, and under which names', async () => {
    const fixture = (name: string): string => `./fixtures/plugins.js#${name}`
    const properties = {
      'source.cluster.alias': 'A',
      'replication.policy.class': fixture('SuffixPolicy'),
      'topic.filter.class': fixture('PrefixFilter'),
      'config.property.filter.class': fixture('RetentionOnly'),
      'wanted.prefix': 'order'
    }
    const { options } = readConnectorConfig({ ...clusters, ...properties }, readMirrorSourceConfig)
    const loader = new PluginLoader('test/unit/mirror')
    const plugins = new MirrorPlugins(new Map(Object.entries(properties)), { loader, logger: silentLogger })
    const { start, admin, configs, assigned } = setUp(
      { orders: 1, bills: 1, 'orders@B': 1, 'orders@C': 1, pulse: 1, heartbeats: 1 },
      {},
      {
        policy: await plugins.policy(),
        topicFilter: await plugins.topicFilter(options),
        configPropertyFilter: await plugins.configPropertyFilter(options)
      }
    )
    const set = { value: '1', isDefault: false, isReadOnly: false, isSensitive: false, source: 1 }
    const entries = ['retention.ms', 'retention.bytes'].map((name) => ({ ...set, name }))
    configs.set('orders', { entries })
    await start()
    const created = admin.created.map(({ topic, configs }) => [topic, configs])
    expect(created).toEqual([
      ['orders@A', { 'retention.ms': '1' }],
      ['orders@C@A', {}],
      ['pulse@A', {}]
    ])
    expect(assigned()).toEqual(['orders-0,orders@C-0,pulse-0'])
  })

  it('picks up new topics and new partitions at the next refresh, and lets deleted topics go', async () => {
    const { start, clock, source, admin, assigned, reconfigurations } = setUp({ a: 1, b: 1 })
    await start()
    const before = reconfigurations()
    source.topics.set('a', 3)
    source.topics.set('c', 1)
    source.topics.delete('b')
    await clock.advance(10 * minute - 1)
    expect(assigned()).toEqual(['a-0,b-0'])
    await clock.advance(1)
    expect(admin.enlarged).toEqual(['A.a:3'])
    expect(assigned()).toEqual(['a-0,a-1,a-2,c-0'])
    expect(reconfigurations()).toBe(before + 1)
  })

  it('asks for no new tasks while nothing changes', async () => {
    const { start, clock, source, reconfigurations } = setUp({ a: 1 })
    await start()
    const before = reconfigurations()
    await clock.advance(30 * minute)
    expect(source.listings).toBe(4)
    expect(reconfigurations()).toBe(before)
  })

  it('keeps a topic that a broker cannot describe for the moment, and mirrors the others', async () => {
    const { start, clock, source, assigned } = setUp({ a: 2, b: 1 })
    await start()
    source.errors.set('a', 5)
    source.topics.set('c', 1)
    await clock.advance(10 * minute)
    expect(assigned()).toEqual(['a-0,a-1,b-0,c-0'])
    source.errors.set('a', 3)
    await clock.advance(10 * minute)
    expect(assigned()).toEqual(['b-0,c-0'])
  })

  it('lets the records of a topic wait that cannot be created, warns once, and tries again soon', async () => {
    const { start, clock, admin, assigned, warnings, reconfigurations } = setUp({ a: 1, b: 1 })
    admin.refusals.set('A.a', 'A.a: unknown topic config name')
    await start()
    expect(assigned()).toEqual(['b-0'])
    await clock.advance(20_000)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('config.properties.exclude')
    admin.refusals.clear()
    const before = reconfigurations()
    await clock.advance(minute)
    expect(assigned()).toEqual(['a-0,b-0'])
    expect(reconfigurations()).toBe(before + 1)
  })

  it('mirrors the partitions that fit while a remote topic cannot be enlarged', async () => {
    const { start, target, admin, assigned } = setUp({ a: 3 })
    target.topics.set('A.a', 2)
    admin.refusals.set('A.a', 'not authorised')
    await start()
    expect(assigned()).toEqual(['a-0,a-1'])
  })

  it('does not create a topic whose settings the source does not tell', async () => {
    const { start, admin, configs, assigned, warnings } = setUp({ a: 1, b: 1 })
    configs.set('a', { errorCode: 29, errorMessage: 'denied' })
    await start()
    expect(admin.created.map(({ topic }) => topic)).toEqual(['A.b'])
    expect(assigned()).toEqual(['b-0'])
    expect(warnings[0]).toContain('DESCRIBE_CONFIGS')
  })

  it.each([600_000, null])(
    'tries a first discovery that failed again within seconds (refresh every %j ms)',
    async (interval) => {
      const { start, clock, source, assigned } = setUp({ a: 1 }, { refreshTopicsIntervalMs: interval })
      source.failure = new MirrorError('MIRROR_NETWORK', 'A is away', { retriable: true })
      await start()
      expect(assigned()).toEqual([])
      await clock.advance(10_000)
      expect(source.listings).toBeGreaterThan(2)
      source.failure = undefined
      await clock.advance(10_000)
      expect(assigned()).toEqual(['a-0'])
    }
  )

  it('never looks again after a success when refreshes are off', async () => {
    const { start, clock, source } = setUp({ a: 1 }, { refreshTopicsIntervalMs: null })
    await start()
    expect(clock.pendingTimers).toBe(0)
    expect(source.listings).toBe(1)
  })

  it('warns once of topics that Kafka before 4.1 would have left alone', async () => {
    const { start, clock, warnings } = setUp({ 'orders.internal': 1, a: 1 })
    await start()
    await clock.advance(10 * minute)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('orders.internal')
  })

  it('warns once of a source that refuses to list its topics', async () => {
    const { start, source, clock, warnings } = setUp({ orders: 1 })
    source.failure = new MirrorError('MIRROR_BROKER', 'A is busy', { retriable: true })
    await start()
    await clock.advance(10 * minute)
    expect(warnings).toEqual([expect.stringMatching(/^The topics of A->B cannot be compared: A is busy/)])
  })

  it('says how many topics it mirrors, and what changes, but nothing while nothing does', async () => {
    const { start, clock, source, infos } = setUp({ a: 1, b: 2, no: 1 })
    await start()
    const told = (): string[] => infos.splice(0).filter((line) => !line.includes('remote topic'))
    expect(told()).toEqual(['To be mirrored: 2 topics of A with 3 partitions'])
    await clock.advance(10 * minute)
    expect(told()).toEqual([])
    source.topics.set('a', 3)
    source.topics.set('c', 1)
    source.topics.delete('b')
    await clock.advance(10 * minute)
    expect(told()).toEqual([
      'The topics to mirror have changed (new: c; grown: a; deleted: b). What was mirrored of deleted topics stays on the target'
    ])
  })

  it('does nothing at all when the route is disabled', async () => {
    const { start, source, assigned } = setUp({ a: 1 }, { enabled: false })
    await start()
    expect(source.listings).toBe(0)
    expect(assigned()).toEqual([])
  })

  it('waits for slow clusters at most admin.timeout.ms, and at a stop not at all', async () => {
    for (const endWait of ['timeout', 'stop']) {
      const { start, clock, source, connector } = setUp({ a: 1 })
      source.describeTopics = () => new Promise(() => undefined)
      let isStarted = false
      void start().then(() => {
        isStarted = true
      })
      await settle()
      expect(isStarted).toBe(false)
      if (endWait === 'stop') await connector.stop()
      else await clock.advance(minute)
      await settle()
      expect(isStarted).toBe(true)
    }
  })

  it('looks no further once it is stopped', async () => {
    const { start, clock, source, connector } = setUp({ a: 1 })
    await start()
    await connector.stop()
    await clock.advance(60 * minute)
    expect(source.listings).toBe(1)
  })
})
