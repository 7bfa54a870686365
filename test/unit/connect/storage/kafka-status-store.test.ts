import { describe, expect, it, onTestFinished } from 'vitest'
import { statusValue } from '../../../../src/connect/storage/status-records.ts'
import { KafkaStatusStore } from '../../../../src/connect/storage/kafka-status-store.ts'
import { type StoredStatus } from '../../../../src/connect/storage/status-store.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { ManualClock, settle } from '../../../support/manual-clock.ts'
import { waitUntil } from '../../../support/wait-until.ts'

const topic = 'mm2-status.A.internal'
const id = { connector: 'MirrorSourceConnector', task: 0 }
const taskKey = 'status-task-MirrorSourceConnector-0'

function status(state: StoredStatus['state'], generation = 1, workerId = 'me'): StoredStatus {
  return { state, trace: null, workerId, generation, version: '4.3.1' }
}

async function openStore() {
  const cluster = new FakeLogCluster()
  cluster.create(topic, 5)
  const clock = new ManualClock()
  const log: string[] = []
  const store = new KafkaStatusStore({
    ...{ cluster, topic, clock, logger: recordingLogger(log), producer: cluster.producer() },
    ...{ partitions: 5, replicationFactor: 1, configs: {} }
  })
  onTestFinished(() => {
    store.close()
  })
  await store.start()
  const states = () =>
    cluster.records(topic).map(({ value }) => (value === null ? null : /"state":"([A-Z]*)"/.exec(value)?.[1]))
  return { cluster, clock, log, store, states }
}

describe('the status store', () => {
  it('shows a status once it was read back, and writes each where Java looks for it', async () => {
    const { cluster, store } = await openStore()
    store.putTask(id, status('RUNNING'), 'plain')
    expect(store.task(id)).toBeUndefined()
    store.putConnector(id.connector, status('RUNNING'), 'plain')
    store.putTopic('A.t1', id, 1)
    await store.flush(1000)
    await waitUntil(
      'all were read back',
      () => store.topics(id.connector).length === 1 && store.connectors().length === 1
    )
    expect(store.tasks(id.connector)).toEqual([{ ...status('RUNNING'), id }])
    expect(cluster.partitionOf(topic, taskKey)).toBe(4)
    expect(cluster.partitionOf(topic, `status-connector-${id.connector}`)).toBe(1)
    store.putTopic('A.t1', id, 2)
    store.deleteTask(id)
    await store.flush(1000)
    await waitUntil('the task is forgotten', () => store.task(id) === undefined)
    expect(cluster.records(topic)).toHaveLength(4)
  })

  it('shows what other workers write', async () => {
    const { cluster, store } = await openStore()
    cluster.append(topic, 4, { key: taskKey, value: statusValue(status('FAILED', 2, 'other')) })
    await waitUntil('it shows', () => store.task(id)?.state === 'FAILED')
  })

  it('does not overwrite a newer status of another worker when it is to be safe', async () => {
    const { cluster, store, states } = await openStore()
    cluster.append(topic, 4, { key: taskKey, value: statusValue(status('RUNNING', 2, 'other')) })
    await waitUntil('it shows', () => store.task(id) !== undefined)
    store.putTask(id, status('UNASSIGNED', 1), 'safe')
    await store.flush(1000)
    expect(states()).toEqual(['RUNNING'])
    store.putTask(id, status('RESTARTING', 1), 'plain')
    await store.flush(1000)
    expect(states()).toEqual(['RUNNING', 'RESTARTING'])
  })

  it('writes only the newest of what came during an outage', async () => {
    const { cluster, store, states } = await openStore()
    cluster.goAway()
    for (const state of ['RUNNING', 'FAILED', 'PAUSED'] as const) store.putTask(id, status(state), 'plain')
    await settle()
    cluster.comeBack()
    await store.flush(1000)
    expect(states()).toEqual(['PAUSED'])
  })

  describe('that was cut off while another worker took over', () => {
    /** A status waits, and the store cannot see yet what the other one has written. */
    async function cutOff() {
      const opened = await openStore()
      const { cluster, store } = opened
      cluster.goAway()
      store.putTask(id, status('RUNNING', 1), 'plain')
      await settle()
      cluster.append(topic, 4, { key: taskKey, value: statusValue(status('RUNNING', 2, 'other')) })
      const release = cluster.holdFetches()
      cluster.comeBack()
      for (let turn = 0; turn < 5; turn++) await settle()
      return { ...opened, release }
    }

    it('looks what was written before it writes, and drops the status that had to wait', async () => {
      const { store, states, release } = await cutOff()
      expect(states()).toEqual(['RUNNING'])
      release()
      await store.flush(1000)
      expect(states()).toEqual(['RUNNING'])
      expect(store.task(id)?.workerId).toBe('other')
    })

    it('writes what came while it looked', async () => {
      const { store, states, release } = await cutOff()
      store.deleteTask(id)
      release()
      await store.flush(1000)
      expect(states()).toEqual(['RUNNING', null])
    })
  })

  it('ends a flush in time, with a warning, while nothing can be written', async () => {
    const { cluster, clock, log, store } = await openStore()
    cluster.goAway()
    store.putTask(id, status('RUNNING'), 'plain')
    const flushed = store.flush(5000)
    await clock.advance(5000)
    await flushed
    expect(log).toEqual([expect.stringContaining('Statuses are not written')])
  })

  it('skips broken records with a line that names topic, partition and offset', async () => {
    const { cluster, log, store } = await openStore()
    cluster.append(topic, 2, { key: taskKey, value: 'no json' }, { key: null, value: null })
    await waitUntil('both are reported', () => log.length === 2)
    expect(log).toEqual([
      `warn: Skipped the record of ${topic}-2 at offset 0: its value is not a status`,
      `warn: Skipped the record of ${topic}-2 at offset 1: it has no key`
    ])
    expect(store.task(id)).toBeUndefined()
  })
})
