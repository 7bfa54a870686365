import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { describeGroup } from '../../../src/client/consumer-groups.ts'
import { WorkSet } from '../../../src/connect/group/work-set.ts'
import { realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { toySnapshot, ToyWorker, type ToyWorkerOptions } from '../../support/toy-worker.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()
const register = cleanUpAfterFile()
const clients = realClients()
let kafka: LocalCluster

beforeAll(async () => {
  kafka = await startCluster({ settings: { 'group.min.session.timeout.ms': '1000' } })
}, clusterTimeoutMs)

const connectors = ['Checkpoint', 'Heartbeat', 'Source']
const configs = toySnapshot(7n, connectors, 4)

function createWorker(groupId: string, name: string, changes: Partial<ToyWorkerOptions> = {}): ToyWorker {
  const cluster = clients.cluster(kafka.bootstrapServers)
  const url = `http://${name}:8080/`
  const worker = new ToyWorker({ cluster, groupId, url, snapshot: configs, ...changes })
  register(async () => {
    await worker.stop()
  })
  return worker
}

function startWorker(groupId: string, name: string, changes: Partial<ToyWorkerOptions> = {}): ToyWorker {
  return createWorker(groupId, name, changes).start()
}

/** Sorted numbers of tasks, once everything runs exactly once and nobody is about to rebalance. */
async function settled(workers: readonly ToyWorker[], timeoutMs = 20_000): Promise<number[]> {
  return await waitUntil(
    'each connector and task runs once',
    () => {
      for (const { failure } of workers) if (failure !== undefined) throw failure
      const items = workers.flatMap((worker) => [...worker.running])
      const isComplete = items.length === 15 && new WorkSet(items).size === 15
      const isAtRest = workers.every((worker) => !worker.group.isRejoinNeeded && worker.assignment?.delayMs === 0)
      return isComplete && isAtRest && workers.map(({ running }) => running.ofKind('task').length).sort((a, b) => a - b)
    },
    { timeoutMs }
  )
}

describe('workers in one Connect group', () => {
  it('share the work, and share it again when one joins or leaves', async () => {
    const one = startWorker('A-mm2', 'one')
    expect(await settled([one])).toEqual([12])
    const { isLeader, leaderUrl, configOffset, generation } = one.assignment ?? {}
    expect([isLeader, leaderUrl, configOffset]).toEqual([true, 'http://one:8080/', 7n])
    const two = startWorker('A-mm2', 'two')
    expect(await settled([one, two])).toEqual([6, 6])
    const three = startWorker('A-mm2', 'three')
    expect(await settled([one, two, three])).toEqual([4, 4, 4])
    expect(three.assignment?.generation).toBeGreaterThan(generation ?? Infinity)
    expect(three.group.protocol).toBe('sessioned')
    expect(await describeGroup(clients.cluster(kafka.bootstrapServers), 'A-mm2')).toMatchObject({
      state: 'Stable',
      protocolType: 'connect',
      memberCount: 3
    })
    for (const task of two.running.ofKind('task')) expect(one.group.ownerUrl(task)).toBe('http://two:8080/')
    const kept = one.running
    await two.stop()
    expect(await settled([one, three])).toEqual([6, 6])
    expect(kept.minus(one.running).size).toBe(0)
  }, 60_000)

  it('give the work of one that was killed to the others after the delay', async () => {
    const one = startWorker('kill', 'one')
    await settled([one])
    const two = startWorker('kill', 'two')
    await settled([one, two])
    const lost = two.running
    await two.kill()
    await waitUntil('the delay runs', () => (one.assignment?.delayMs ?? 0) > 0)
    expect(one.running.intersection(lost).size).toBe(0)
    expect(await settled([one])).toEqual([12])
  }, 60_000)

  it('go on under another leader when the leader is killed', async () => {
    const one = startWorker('leader', 'one')
    await settled([one])
    const two = startWorker('leader', 'two')
    await settled([one, two])
    await one.kill()
    expect(await settled([two])).toEqual([12])
    expect(two.assignment?.isLeader).toBe(true)
  }, 60_000)

  it('wait for a leader that is behind in the config topic', async () => {
    const one = startWorker('behind', 'one')
    await settled([one])
    const two = startWorker('behind', 'two', { snapshot: toySnapshot(9n, connectors, 4) })
    await waitUntil('the mismatch is told', () => one.assignment?.isConfigMismatch)
    expect(one.assignment?.configOffset).toBe(9n)
    one.snapshot = two.snapshot
    one.group.requestRejoin('caught up')
    expect(await settled([one, two])).toEqual([6, 6])
    expect(two.assignment?.configOffset).toBe(9n)
  }, 60_000)

  it('leave all connectors to the leader where they are told to', async () => {
    const one = startWorker('at-leader', 'one', { keepConnectorsAtLeader: true })
    const two = startWorker('at-leader', 'two', { keepConnectorsAtLeader: true })
    expect(await settled([one, two])).toEqual([6, 6])
    const leader = [one, two].find((worker) => worker.assignment?.isLeader)
    expect(leader?.running.toItems().connectors).toEqual(connectors)
  }, 60_000)

  it('share by the eager protocol with one that offers nothing else', async () => {
    const one = startWorker('eager', 'one')
    await settled([one])
    const two = startWorker('eager', 'two', { settings: { protocol: 'eager' } })
    expect(await settled([one, two])).toEqual([6, 6])
    expect(one.group.protocol).toBe('default')
  }, 60_000)

  it('keep the lease while a rebalance waits for a stuck one, which leaves in time and can come back', async () => {
    const settings = { sessionTimeoutMs: 2_000, heartbeatIntervalMs: 100, rebalanceTimeoutMs: 12_000 }
    const one = startWorker('stuck', 'one', { settings })
    await settled([one])
    // Its loop does not run: it joins by hand, and then does nothing more. It leaves well before the lease of the other one could end.
    const stuck = createWorker('stuck', 'stuck', { settings: { ...settings, rebalanceTimeoutMs: 4_000 } })
    await waitUntil('it has joined', async () => await stuck.group.ensureMember(500))
    expect(stuck.hasLease).toBe(true)
    one.group.requestRejoin('test')
    await waitUntil('it has left', () => {
      if (!one.hasLease) one.failure = new Error('the lease ended while the rebalance waited')
      return stuck.group.memberId === ''
    })
    expect(stuck.hasLease).toBe(false)
    expect(await settled([one])).toEqual([12])
    stuck.start()
    expect(await settled([one, stuck])).toEqual([6, 6])
  }, 60_000)

  it('lose the lease when the broker stops answering, keep their work, and go on when it is back', async () => {
    const one = startWorker('paused', 'one')
    const two = startWorker('paused', 'two')
    await settled([one, two])
    expect([one.hasLease, two.hasLease]).toEqual([true, true])
    const running = [one.running.size, two.running.size]
    kafka.broker(1).pause()
    await waitUntil('the leases are over', () => !one.hasLease && !two.hasLease)
    expect([one.running.size, two.running.size]).toEqual(running)
    kafka.broker(1).resume()
    await waitUntil('they may write again', () => one.hasLease && two.hasLease, { timeoutMs: 40_000 })
    expect(await settled([one, two], 40_000)).toEqual([6, 6])
  }, 90_000)
})
