import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { DistributedHerder } from '../../../../src/connect/herder/distributed-herder.ts'
import { type ConnectorOffset } from '../../../../src/connect/herder/herder.ts'
import { type DistributedHerderOptions } from '../../../../src/connect/herder/herder-options.ts'
import { signRequest } from '../../../../src/connect/herder/request-signature.ts'
import { type SourceConnectorPlugin } from '../../../../src/connect/source-connector-plugin.ts'
import { connectorRecord, targetStateRecord } from '../../../../src/connect/storage/config-records.ts'
import { KafkaStatusStore } from '../../../../src/connect/storage/kafka-status-store.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { SoloGroup, ToyWorker } from '../../../support/herder-toys.ts'
import { InMemoryConfigStore } from '../../../support/in-memory-config-store.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const plugin: SourceConnectorPlugin = {
  ...{ className: 'Toy', taskClassName: 'ToyTask', type: 'source', version: '1' },
  createConnector: () => {
    throw new Error('The toy worker makes nothing')
  },
  createTask: () => {
    throw new Error('The toy worker makes nothing')
  },
  validate: () => [],
  checkOffset: (partition) => ('topic' in partition ? undefined : 'a partition needs a topic')
}

interface Bench {
  readonly herder: DistributedHerder
  readonly clock: ManualClock
  readonly config: InMemoryConfigStore
  readonly status: KafkaStatusStore
  readonly worker: ToyWorker
  readonly group: SoloGroup
  readonly stored: Map<string, ConnectorOffset>
}

const herders: DistributedHerder[] = []
const positions = { dropped: 0, isHanging: false }

afterEach(async () => {
  for (const herder of herders.splice(0)) await herder.stop(0)
})

function openStatusStore(clock: ManualClock): KafkaStatusStore {
  const [cluster, topic] = [new FakeLogCluster(), 'statuses']
  cluster.create(topic, 1)
  return new KafkaStatusStore({
    ...{ cluster, topic, clock, logger: silentLogger, producer: cluster.producer() },
    ...{ partitions: 1, replicationFactor: 1, configs: {} }
  })
}

function setUp(changes: Partial<DistributedHerderOptions> = {}): Bench {
  const clock = new ManualClock()
  const config = new InMemoryConfigStore()
  const status = openStatusStore(clock)
  const worker = new ToyWorker(status)
  const stored = new Map<string, ConnectorOffset>()
  const groups: SoloGroup[] = []
  const offsets = {
    load: () => Promise.resolve(),
    connectorOffsets: () => Promise.resolve([...stored.values()]),
    alter: (_connector: string, entries: readonly ConnectorOffset[]) => {
      if (positions.isHanging) return new Promise<void>(() => undefined)
      for (const entry of entries) stored.set(JSON.stringify(entry.partition), entry)
      return Promise.resolve()
    },
    dropWrites: () => {
      positions.dropped += 1
      return Promise.resolve()
    },
    close: () => undefined
  }
  const herder = new DistributedHerder({
    stores: { config, status, offsets },
    createGroup: (callbacks) => {
      const group = new SoloGroup(callbacks, clock)
      groups.push(group)
      return group
    },
    createWorker: () => worker,
    plugins: { findConnector: (name) => (name === 'Toy' ? plugin : undefined), descriptions: () => [plugin] },
    settings: {
      'rebalance.timeout.ms': 60_000,
      'scheduled.rebalance.max.delay.ms': 300_000,
      'worker.sync.timeout.ms': 3000,
      'worker.unsync.backoff.ms': 300_000,
      'topic.tracking.enable': true,
      'topic.tracking.allow.reset': false,
      'inter.worker.key.generation.algorithm': 'HmacSHA256',
      'inter.worker.key.size': null,
      'inter.worker.key.ttl.ms': 3_600_000,
      'inter.worker.verification.algorithms': ['HmacSHA256']
    },
    kafkaClusterId: () => 'cluster',
    validate: ({ tasks }) => Promise.resolve(tasks === 'many' ? [{ key: 'tasks', message: 'not a number' }] : []),
    submitTaskConfigs: undefined,
    onLeadership: () => Promise.resolve(),
    onLoggerLevel: () => undefined,
    ...{ clock, random: () => 0.5, logger: silentLogger },
    ...changes
  })
  herders.push(herder)
  const [group] = groups
  if (group === undefined) throw new Error('The herder made no group')
  return { herder, clock, config, status, worker, group, stored }
}

/** Lets the loop come round. */
async function turns(clock: ManualClock, ms = 1): Promise<void> {
  await clock.advance(ms)
  for (let i = 0; i < 20; i += 1) await clock.advance(0)
}

async function started(changes: Partial<DistributedHerderOptions> = {}): Promise<Bench> {
  const bench = setUp(changes)
  await bench.herder.start()
  await turns(bench.clock)
  return bench
}

const toy = { 'connector.class': 'Toy', name: 'c', tasks: '2' }

async function withToy(changes: Partial<DistributedHerderOptions> = {}): Promise<Bench> {
  const bench = await started(changes)
  await settled(bench, bench.herder.putConnectorConfig('c', toy, { mayReplace: true }))
  bench.worker.log.splice(0)
  bench.group.rejoins.splice(0)
  return bench
}

/** The outcome of a request, with time passing. */
async function settled<T>({ clock }: Bench, request: Promise<T>): Promise<T> {
  const outcome = Promise.allSettled([request])
  await turns(clock)
  await outcome
  await turns(clock)
  return await request
}

describe('the herder', () => {
  it('runs a connector that is put, generates its tasks and starts them', async () => {
    const bench = await started()
    const { herder, worker } = bench
    const { isCreated, info } = await settled(bench, herder.putConnectorConfig('c', toy, { mayReplace: false }))
    expect({ isCreated, info }).toEqual({
      isCreated: true,
      info: { name: 'c', config: toy, tasks: [], type: 'source' }
    })
    expect(worker.log).toEqual(['start c', 'start c-0 all', 'start c-1 all'])
    expect(await herder.connectorStatus('c')).toMatchObject({
      connector: { state: 'RUNNING', workerId: 'toy' },
      tasks: [{ id: 0, state: 'RUNNING' }, { id: 1 }],
      type: 'source'
    })
    expect(await herder.health()).toMatchObject({ status: 'healthy' })
  })

  it('stops all tasks of a connector before the group is joined with their new configs', async () => {
    const bench = await withToy()
    const { herder, worker } = bench
    await settled(bench, herder.putConnectorConfig('c', { ...toy, share: 'half' }, { mayReplace: true }))
    expect(worker.log).toEqual(['stop c', 'start c', 'stop c-0', 'stop c-1', 'start c-0 half', 'start c-1 half'])
  })

  it('writes no task configs when nothing has changed', async () => {
    const bench = await withToy()
    bench.config.written.splice(0)
    await settled(bench, bench.herder.restartConnector('c'))
    expect(bench.worker.log).toEqual(['stop c', 'start c'])
    expect(bench.config.written).toEqual([])
  })

  it('deletes a connector with its tasks and, as the leader, their statuses', async () => {
    const bench = await withToy()
    await settled(bench, bench.herder.deleteConnector('c'))
    expect(bench.worker.log).toEqual(['stop c', 'stop c-0', 'stop c-1'])
    expect(bench.status.connectors()).toEqual([])
    await expect(bench.herder.connectorStatus('c')).rejects.toMatchObject({ kind: 'notFound' })
  })

  it('pauses and resumes without a rebalance, and stops with one', async () => {
    const bench = await withToy()
    const { herder, worker, group } = bench
    await settled(bench, herder.pauseConnector('c'))
    await settled(bench, herder.resumeConnector('c'))
    expect(worker.log).toEqual(['c to PAUSED', 'c to STARTED'])
    expect(group.rejoins).toEqual([])
    await settled(bench, herder.stopConnector('c'))
    expect(worker.log.slice(2).toSorted()).toEqual(['c to STOPPED', 'stop c-0', 'stop c-1'])
    expect(await herder.taskConfigs('c')).toEqual([])
    expect(bench.status.tasks('c')).toEqual([])
  })

  it('restarts what has failed on request, and says so beforehand', async () => {
    const bench = await withToy()
    bench.worker.setTask({ connector: 'c', task: 1 }, 'FAILED')
    await turns(bench.clock, 0)
    const request = { connector: 'c', onlyFailed: true, includeTasks: true }
    const plan = await settled(bench, bench.herder.restart(request))
    expect(plan).toMatchObject({
      connector: { state: 'RUNNING' },
      tasks: [{ state: 'RUNNING' }, { state: 'RESTARTING' }]
    })
    expect(bench.worker.log).toEqual(['stop c-1', 'start c-1 all'])
    expect(bench.group.rejoins).toEqual([])
  })

  it('starts a FAILED task again by itself, after pauses that grow', async () => {
    const bench = await withToy({ restartBackoff: { initialMs: 5000, maxMs: 300_000 } })
    const fail = async (): Promise<void> => {
      bench.worker.setTask({ connector: 'c', task: 0 }, 'FAILED')
      await turns(bench.clock, 1000)
    }
    await fail()
    await turns(bench.clock, 4000)
    expect(bench.worker.log).toEqual([])
    await turns(bench.clock, 2000)
    expect(bench.worker.log).toEqual(['stop c-0', 'start c-0 all'])
    await fail()
    await turns(bench.clock, 8000)
    expect(bench.worker.log).toHaveLength(2)
    await turns(bench.clock, 3000)
    expect(bench.worker.log).toHaveLength(4)
  })

  it('serves requests while a connector waits for its cluster', async () => {
    const bench = await started()
    bench.worker.hanging.add('c')
    await settled(bench, bench.herder.putConnectorConfig('c', toy, { mayReplace: true }))
    expect(bench.worker.log).toEqual(['start c'])
    expect(await settled(bench, bench.herder.health())).toMatchObject({ status: 'healthy' })
  })

  it('refuses what cannot be done, in the words of the API', async () => {
    const bench = await withToy()
    const { herder } = bench
    const refused = async (request: Promise<unknown>): Promise<unknown> => {
      const [outcome] = await Promise.all([request.catch((error: unknown) => error), turns(bench.clock, 10)])
      return outcome
    }
    expect(await refused(herder.putConnectorConfig('c', toy, { mayReplace: false }))).toMatchObject({
      kind: 'conflict'
    })
    const many = herder.putConnectorConfig('d', { ...toy, tasks: 'many' }, { mayReplace: true })
    expect(await refused(many)).toMatchObject({
      kind: 'badRequest',
      message: 'The connector config cannot be used:\ntasks: not a number'
    })
    expect(await refused(herder.deleteConnector('d'))).toMatchObject({ kind: 'notFound' })
    expect(await refused(herder.alterOffsets('c', [{ partition: {}, offset: null }]))).toMatchObject({
      kind: 'badRequest'
    })
    expect(await refused(herder.putTaskConfigs('c', [], undefined))).toMatchObject({ kind: 'badRequest' })
    expect(await refused(herder.resetActiveTopics('c'))).toMatchObject({ kind: 'forbidden' })
  })

  it('changes offsets of a stopped connector only, and only to what its plug-in allows', async () => {
    const bench = await withToy()
    const { herder, stored } = bench
    await settled(bench, herder.stopConnector('c'))
    const right = { partition: { topic: 't' }, offset: { offset: 1n } }
    const wrong = herder.alterOffsets('c', [right, { partition: { file: 'f' }, offset: null }])
    await expect(Promise.all([wrong, turns(bench.clock)])).rejects.toMatchObject({ kind: 'badRequest' })
    expect(stored.size).toBe(0)
    await settled(bench, herder.alterOffsets('c', [right]))
    expect([...stored.values()]).toEqual([right])
    await settled(bench, herder.resetOffsets('c'))
    expect([...stored.values()]).toEqual([{ ...right, offset: null }])
  })

  it('gives up a change of offsets that does not get through, and goes on', async () => {
    const bench = await withToy()
    const { herder, clock } = bench
    await settled(bench, herder.stopConnector('c'))
    Object.assign(positions, { dropped: 0, isHanging: true })
    const altered = herder.alterOffsets('c', [{ partition: { topic: 't' }, offset: { offset: 5n } }])
    const refused = expect(altered).rejects.toMatchObject({ code: 'MIRROR_TIMEOUT' })
    await turns(clock)
    await turns(clock, 30_000)
    positions.isHanging = false
    await refused
    expect(positions.dropped).toBe(1)
    await settled(bench, herder.resumeConnector('c'))
  })

  it('takes task configs of another worker that are signed with the session key', async () => {
    const bench = await withToy()
    const body = Buffer.from('[{"share":"other"}]')
    const key = bench.herder.sessionKey?.key ?? Buffer.alloc(0)
    const signature = { algorithm: 'HmacSHA256', signature: signRequest(key, 'HmacSHA256', body), body }
    await settled(bench, bench.herder.putTaskConfigs('c', [{ share: 'other' }], signature))
    expect(bench.worker.log).toEqual(['stop c-0', 'stop c-1', 'start c-0 other'])
  })

  it('patches a config: null deletes a key', async () => {
    const bench = await withToy()
    const info = await settled(bench, bench.herder.patchConnectorConfig('c', { tasks: '1', name: null }))
    expect(info.config).toEqual({ 'connector.class': 'Toy', tasks: '1' })
    expect(bench.worker.tasks).toHaveLength(1)
  })

  it('runs the leadership hook once it leads, and again when it failed', async () => {
    let runs = 0
    const onLeadership = (): Promise<void> => {
      runs += 1
      return runs === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve()
    }
    const bench = await started({ onLeadership })
    expect(runs).toBe(1)
    await turns(bench.clock, 2000)
    expect(runs).toBe(2)
    bench.group.requestRejoin('another round')
    await turns(bench.clock, 2000)
    expect(runs).toBe(2)
  })

  it('runs the leadership hook when it leads again, also where it failed while it did not lead', async () => {
    let runs = 0
    let fail = (): void => undefined
    const bench = await started({
      onLeadership: () => {
        runs += 1
        return new Promise((_, reject) => {
          fail = () => {
            reject(new Error('not the leader'))
          }
        })
      }
    })
    await bench.group.loseMembership()
    fail()
    await turns(bench.clock, 0)
    bench.group.requestRejoin('another round')
    await turns(bench.clock, 10)
    expect(runs).toBe(2)
  })

  it('reads on to the offset that work was assigned by before it starts anything', async () => {
    const bench = setUp()
    bench.config.writeElsewhere(connectorRecord('c', toy))
    await bench.herder.start()
    bench.config.writeElsewhere(targetStateRecord('c', 'PAUSED'))
    bench.group.changes = { configOffset: 2n }
    await turns(bench.clock)
    expect(bench.worker.log).toEqual(['start c'])
    expect(bench.status.connector('c')).toMatchObject({ state: 'PAUSED' })
  })

  it('leaves the group when it cannot read on, and stops everything when that goes on', async () => {
    const log: string[] = []
    const bench = await withToy({ logger: recordingLogger(log) })
    bench.config.failure = new Error('away')
    bench.group.changes = { configOffset: 1000n }
    bench.group.requestRejoin('somebody wrote')
    await turns(bench.clock)
    expect(bench.group.leaves).toHaveLength(1)
    await turns(bench.clock, 60_000)
    expect(bench.group.leaves).toHaveLength(5)
    expect(bench.worker.connectors).toEqual(['c'])
    expect(log.filter((line) => line.startsWith('warn: The config topic'))).toHaveLength(1)
    await turns(bench.clock, 10_000)
    expect(bench.worker.connectors).toEqual([])
    bench.config.failure = undefined
    bench.group.changes = {}
    await turns(bench.clock, 60_000)
    expect(bench.worker.tasks).toHaveLength(2)
  })

  it('joins again when a delayed rebalance is due', async () => {
    const bench = await withToy()
    bench.group.changes = { delayMs: 30_000 }
    bench.group.requestRejoin('a member was lost')
    await turns(bench.clock, 29_000)
    expect(bench.group.rejoins).toHaveLength(1)
    bench.group.changes = {}
    await turns(bench.clock, 2000)
    expect(bench.group.rejoins).toHaveLength(2)
  })

  it('stops all that runs when the membership is lost, and starts it again with the next one', async () => {
    const bench = await withToy()
    await bench.group.loseMembership()
    expect(bench.worker.log).toEqual(['stop c', 'stop c-0', 'stop c-1'])
    await turns(bench.clock, 2000)
    expect(bench.worker.tasks).toHaveLength(2)
  })

  it('starts tasks again that others have run while it was cut off, and lets go on what nobody touched', async () => {
    const bench = await withToy()
    bench.worker.overtaken.add('c-1')
    positions.dropped = 0
    await bench.group.takeUpAgain()
    expect([bench.worker.log.splice(0), positions.dropped]).toEqual([['stop c-1'], 1])
    await turns(bench.clock)
    expect(bench.worker.log.splice(0)).toEqual(['start c-1 all'])
    bench.worker.overtaken.clear()
    await bench.group.takeUpAgain()
    await turns(bench.clock)
    expect(bench.worker.log).toEqual([])
  })

  it('stops connectors, then tasks, and refuses what was asked for', async () => {
    const bench = await withToy()
    const late = bench.herder.stop(1000).then(() => bench.herder.deleteConnector('c'))
    await Promise.all([expect(late).rejects.toMatchObject({ code: 'MIRROR_CLOSED' }), turns(bench.clock)])
    expect(bench.worker.log).toEqual(['stop c', 'stop c-0', 'stop c-1'])
    expect(bench.group.isClosed).toBe(true)
    expect(await bench.herder.done).toBeUndefined()
  })

  it('ends with the error that its loop cannot go on after', async () => {
    const bench = await withToy()
    const error = new Error('not authorised')
    bench.group.ensureMember = () => Promise.reject(error)
    await turns(bench.clock, 2000)
    expect(await bench.herder.done).toBe(error)
    expect(bench.worker.connectors).toEqual([])
  })
})
