import { describe, expect, it, onTestFinished } from 'vitest'
import { KafkaConfigStore } from '../../../../src/connect/storage/kafka-config-store.ts'
import { type ConfigStoreListener } from '../../../../src/connect/storage/config-store.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'
import { waitUntil } from '../../../support/wait-until.ts'

const topic = 'mm2-configs.A.internal'

function openStore(cluster: FakeLogCluster, partitions = 1) {
  const log: string[] = []
  const clock = new ManualClock()
  const lease = { isHeld: true }
  if (cluster.topic(topic) === undefined) cluster.create(topic, partitions)
  const store = new KafkaConfigStore({
    ...{ cluster, topic, clock, logger: recordingLogger(log), producer: cluster.producer() },
    ...{ replicationFactor: 1, configs: {}, isolation: 'read_uncommitted' },
    isLeaseHeld: () => lease.isHeld
  })
  onTestFinished(() => {
    store.close()
  })
  return { store, log, clock, lease }
}

function listener(events: string[]): ConfigStoreListener {
  return {
    connectorConfigUpdated: (connector) => void events.push(`config ${connector}`),
    connectorConfigRemoved: (connector) => void events.push(`removed ${connector}`),
    taskConfigsUpdated: (ids) => void events.push(`tasks ${ids.length}`),
    targetStateChanged: (connector) => void events.push(`state ${connector}`),
    sessionKeyUpdated: () => void events.push('key'),
    restartRequested: () => void events.push('restart'),
    loggerLevelUpdated: () => void events.push('logger')
  }
}

describe('the config store', () => {
  it('writes in the order of Java and sees its own writes when they return', async () => {
    const cluster = new FakeLogCluster()
    const { store } = openStore(cluster)
    const events: string[] = []
    await store.start(listener(events))
    expect(store.snapshot().offset).toBe(-1n)
    await store.putConnectorConfig('c', { name: 'c' }, 'STOPPED')
    await store.putTaskConfigs('c', [{ n: '0' }, { n: '1' }])
    expect(store.snapshot().tasks('c')).toHaveLength(2)
    await store.putTaskConfigs('c', [])
    await store.putRestartRequest({ connector: 'c', includeTasks: false, onlyFailed: false })
    await store.putSessionKey({ key: Buffer.from('k'), algorithm: 'HmacSHA256', createdAt: 1 })
    await store.removeConnectorConfig('c')
    expect(store.snapshot()).toMatchObject({ offset: 10n, connectors: [] })
    expect(events).toEqual(['config c', 'tasks 2', 'tasks 0', 'restart', 'key', 'removed c'])
    expect(cluster.records(topic).map(({ key }) => key)).toEqual([
      ...['target-state-c', 'connector-c', 'task-c-0', 'task-c-1', 'commit-c', 'commit-c'],
      ...['restart-connector-c', 'session-key', 'connector-c', 'target-state-c']
    ])
  })

  it('follows what others write, with no work while nobody does', async () => {
    const cluster = new FakeLogCluster()
    const { store } = openStore(cluster)
    const events: string[] = []
    await store.start(listener(events))
    for (let turn = 0; turn < 20; turn++) await settle()
    expect(cluster.fetches).toBe(1)
    // The marker moves the position; the number that workers agree on counts records only.
    cluster.append(topic, 0, { key: 'connector-c', value: '{"properties":{}}' }, null)
    await waitUntil('the store has heard of it', () => events.length > 0)
    expect(events).toEqual(['config c'])
    await store.refresh(1000)
    expect(store.snapshot().offset).toBe(1n)
  })

  it('goes on following after the broker was away', async () => {
    const cluster = new FakeLogCluster()
    const { store } = openStore(cluster)
    const events: string[] = []
    await store.start(listener(events))
    await settle()
    cluster.goAway()
    await settle()
    cluster.append(topic, 0, { key: 'connector-c', value: '{"properties":{}}' })
    cluster.comeBack()
    await waitUntil('the store has heard of it', () => events.length > 0)
  })

  it('skips broken records with a line that names topic, partition and offset', async () => {
    const cluster = new FakeLogCluster()
    cluster.create(topic, 1)
    const good = { key: 'connector-c', value: '{"properties":{"name":"c"}}' }
    const broken = [
      { key: 'x', value: '{}' },
      { key: null, value: null },
      { key: 'connector-c', value: '{' },
      { key: 'connector-c', value: '[]' }
    ]
    cluster.append(topic, 0, good, ...broken)
    const { store, log } = openStore(cluster)
    await store.start(listener([]))
    expect(store.snapshot().connectorConfig('c')).toEqual({ name: 'c' })
    expect(log).toEqual([
      `warn: Skipped the record of ${topic}-0 at offset 1: no such key is known`,
      `warn: Skipped the record of ${topic}-0 at offset 2: it has no key`,
      `warn: Skipped the record of ${topic}-0 at offset 3: its value is not JSON`,
      `warn: Skipped the record of ${topic}-0 at offset 4: it has no properties of text`
    ])
  })

  it('refuses a topic of several partitions, with advice', async () => {
    const { store } = openStore(new FakeLogCluster(), 3)
    await expect(store.start(listener([]))).rejects.toMatchObject({
      code: 'MIRROR_INTERNAL_TOPIC',
      message: expect.stringContaining('has 3 partitions and may have 1') as unknown
    })
  })

  it('gives a write up after 30 s and begins none of its later steps', async () => {
    const cluster = new FakeLogCluster()
    const { store, clock } = openStore(cluster)
    await store.start(listener([]))
    await settle()
    cluster.goAway()
    const write = store.putTaskConfigs('c', [{}])
    const outcome = expect(write).rejects.toMatchObject({ code: 'MIRROR_TIMEOUT', retriable: true })
    await clock.advance(30_000)
    await outcome
    cluster.comeBack()
    await store.refresh(1000)
    expect(cluster.records(topic)).toEqual([])
  })

  it('writes nothing that only a leader writes, nor the rest of it, once the lease is lost', async () => {
    const cluster = new FakeLogCluster()
    const { store, lease } = openStore(cluster)
    await store.start(listener([]))
    await settle()
    const release = cluster.holdFetches()
    const write = store.putTaskConfigs('c', [{}])
    const outcome = expect(write).rejects.toMatchObject({ code: 'MIRROR_LEASE', retriable: true })
    await waitUntil('the tasks are written', () => cluster.records(topic).length > 0)
    lease.isHeld = false
    release()
    await outcome
    await expect(store.putConnectorConfig('c', {})).rejects.toMatchObject({ code: 'MIRROR_LEASE' })
    await expect(store.removeConnectorConfig('c')).rejects.toMatchObject({ code: 'MIRROR_LEASE' })
    await store.putTargetState('c', 'PAUSED')
    expect(cluster.records(topic).map(({ key }) => key)).toEqual(['task-c-0', 'target-state-c'])
  })
})
