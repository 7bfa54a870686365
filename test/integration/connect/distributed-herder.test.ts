import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
import { listOffsets } from '../../../src/client/list-offsets.ts'
import { createTopics } from '../../../src/wire/api/19-create-topics.ts'
import { type RunState } from '../../../src/connect/storage/status-store.ts'
import { type ConnectNode, type ConnectNodeOptions, startConnectNode } from '../../support/connect-node.ts'
import { readAll } from '../../support/read-all.ts'
import { realClients } from '../../support/real-client.ts'
import { cleanUpAfterFile, clusterTimeoutMs, realClusters } from '../../support/real-cluster.ts'
import { waitUntil } from '../../support/wait-until.ts'

const startCluster = realClusters()
const register = cleanUpAfterFile()
const clients = realClients()
let kafka: LocalCluster

beforeAll(async () => {
  kafka = await startCluster({
    settings: { 'auto.create.topics.enable': 'false', 'group.initial.rebalance.delay.ms': '0' }
  })
}, clusterTimeoutMs)

const connector = 'Counter'

async function startNode(name: string, changes: Partial<ConnectNodeOptions> = {}): Promise<ConnectNode> {
  const node = await startConnectNode({ bootstrapServers: kafka.bootstrapServers, name, ...changes })
  register(() => node.stop())
  return node
}

const config = (topic: string): Record<string, string> => ({
  'connector.class': 'test.Counting',
  name: connector,
  'tasks.max': '4',
  topic
})

async function createTopic(name: string): Promise<void> {
  const topics = [{ name, numPartitions: 4, replicationFactor: 1, configs: [] }]
  const cluster = clients.cluster(kafka.bootstrapServers)
  await cluster.request({ controller: true }, createTopics, { topics, timeoutMs: 30_000, validateOnly: false })
}

/** A node that configures the connector when it leads, as the program does from its file. */
async function startConfiguring(name: string): Promise<ConnectNode> {
  return await startNode(name, {
    onLeadership: async (herder) => {
      await herder.putConnectorConfig(connector, config(name), { mayReplace: true })
    }
  })
}

async function startLeader(name: string): Promise<ConnectNode> {
  await createTopic(name)
  return await startConfiguring(name)
}

/** Started one right after the other: either may lead. */
async function startTwo(name: string): Promise<ConnectNode[]> {
  return [await startLeader(name), await startConfiguring(name)]
}

/** States of the connector and its tasks, once they are these; tasks that no longer exist are left out. */
async function statesAre(node: ConnectNode, state: RunState, tasks: readonly RunState[]): Promise<void> {
  const wanted = [state, ...tasks].join(' ')
  await waitUntil(
    `the states are ${wanted}`,
    async () => {
      const status = await node.herder.connectorStatus(connector)
      const states = [status.connector, ...status.tasks].map((item) => item.state).join(' ')
      if (states !== wanted) throw new Error(`they are ${states}`)
      return true
    },
    { timeoutMs: 30_000 }
  )
}

const four = (state: RunState): readonly RunState[] => [state, state, state, state]

async function spreadIs(nodes: readonly ConnectNode[], counts: readonly number[]): Promise<void> {
  await waitUntil(
    `tasks are spread ${counts.join('/')}`,
    () => {
      const spread = nodes.map(({ worker }) => worker.tasks.length)
      if (spread.join('/') !== counts.join('/')) throw new Error(`they are ${spread.join('/')}`)
      return true
    },
    { timeoutMs: 30_000 }
  )
}

/** What each partition holds, in its order. */
async function countedTo(topic: string): Promise<number[][]> {
  const partitions = await readAll(kafka, topic)
  return [0, 1, 2, 3].map((partition) => (partitions.get(partition) ?? []).map(({ value }) => Number(value)))
}

/** Every partition holds 0, 1, 2, ...: nothing was lost, repeated, or written out of order. Resolves to their lengths. */
async function countsWithoutFault(topic: string): Promise<number[]> {
  const partitions = await countedTo(topic)
  for (const values of partitions) expect(values).toEqual(values.map((_, index) => index))
  return partitions.map((values) => values.length)
}

/** What was written twice comes again in the same order. */
async function losesNothing(topic: string): Promise<void> {
  for (const values of await countedTo(topic)) {
    const seen = [...new Set(values)]
    expect(seen).toEqual(seen.map((_, index) => index))
  }
}

async function grows(topic: string): Promise<void> {
  const cluster = clients.cluster(kafka.bootstrapServers)
  const ends = async (): Promise<bigint[]> => {
    const latest = [0, 1, 2, 3].map((partition) => ({ topic, partition, at: 'latest' as const }))
    return (await listOffsets(cluster, latest)).map(({ offset }) => offset)
  }
  const before = await ends()
  await waitUntil(
    'all partitions grow',
    async () => (await ends()).every((end, index) => end > (before[index] ?? 0n)),
    {
      timeoutMs: 60_000
    }
  )
}

describe('the runtime on a real cluster', () => {
  it('gets from nothing to running tasks, and through every state that an operator can ask for', async () => {
    const node = await startLeader('one')
    const { herder, worker } = node
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await grows('one')
    expect(herder.sessionKey).toBeDefined()
    expect(await herder.health()).toMatchObject({ status: 'healthy' })
    await waitUntil('the topic is active', async () => (await herder.activeTopics(connector)).includes('one'))

    await herder.pauseConnector(connector)
    await statesAre(node, 'PAUSED', four('PAUSED'))
    await herder.resumeConnector(connector)
    await statesAre(node, 'RUNNING', four('RUNNING'))

    await herder.restartTask({ connector, task: 2 })
    await herder.restartConnector(connector)
    const plan = await herder.restart({ connector, onlyFailed: false, includeTasks: true })
    expect([plan.connector, ...plan.tasks].map(({ state }) => state)).toEqual(['RESTARTING', ...four('RESTARTING')])
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await grows('one')

    await herder.putConnectorConfig(connector, { ...config('one'), 'tasks.max': '2' }, { mayReplace: true })
    await statesAre(node, 'RUNNING', ['RUNNING', 'RUNNING'])
    await herder.patchConnectorConfig(connector, { 'tasks.max': '4' })
    await statesAre(node, 'RUNNING', four('RUNNING'))

    await herder.stopConnector(connector)
    await statesAre(node, 'STOPPED', [])
    expect(worker.tasks).toEqual([])
    const counted = await countsWithoutFault('one')
    const offsets = await herder.connectorOffsets(connector)
    const positions = offsets.map(({ partition, offset }) => [
      Number(partition['partition']),
      Number(offset?.['offset'])
    ])
    expect(positions.toSorted()).toEqual(counted.map((count, partition) => [partition, count - 1]))
    await herder.resetOffsets(connector)
    expect(await herder.connectorOffsets(connector)).toEqual([])
    await herder.alterOffsets(connector, offsets)
    await herder.resumeConnector(connector)
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await grows('one')

    await herder.deleteConnector(connector)
    await waitUntil('its statuses are gone', async () => {
      return await herder.connectorStatus(connector).then(
        () => false,
        () => true
      )
    })
    expect([worker.connectors, worker.tasks, await herder.connectors()]).toEqual([[], [], []])
    await countsWithoutFault('one')
  }, 120_000)

  it('shares tasks with a second worker, moves them when one stops, and repeats nothing', async () => {
    const first = await startLeader('two')
    await statesAre(first, 'RUNNING', four('RUNNING'))
    const second = await startNode('two')
    await spreadIs([first, second], [2, 2])
    await statesAre(second, 'RUNNING', four('RUNNING'))
    await grows('two')
    await expect(second.herder.deleteConnector(connector)).rejects.toMatchObject({ name: 'ForwardRequestError' })
    await second.herder.pauseConnector(connector)
    await statesAre(first, 'PAUSED', four('PAUSED'))
    await second.herder.resumeConnector(connector)
    await statesAre(first, 'RUNNING', four('RUNNING'))
    await first.herder.putConnectorConfig(connector, { ...config('two'), more: '1' }, { mayReplace: true })
    await waitUntil('all tasks have the new config', async () => {
      const tasks = await second.herder.taskConfigs(connector)
      return tasks.every((task) => task.config['more'] === '1')
    })
    await spreadIs([first, second], [2, 2])
    await grows('two')

    await first.stop()
    await spreadIs([second], [4])
    await statesAre(second, 'RUNNING', four('RUNNING'))
    await grows('two')
    const third = await startNode('two')
    await spreadIs([second, third], [2, 2])
    await second.stop()
    await spreadIs([third], [4])
    await grows('two')
    await third.stop()
    await countsWithoutFault('two')
  }, 120_000)

  it('shows a task that fails as FAILED, with the reason, while the others go on', async () => {
    const node = await startLeader('three')
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await node.herder.patchConnectorConfig(connector, { fails: '1' })
    await statesAre(node, 'RUNNING', ['RUNNING', 'FAILED', 'RUNNING', 'RUNNING'])
    expect(await node.herder.taskStatus({ connector, task: 1 })).toMatchObject({
      trace: expect.stringContaining('told to fail') as string
    })
  }, 60_000)

  it("runs a killed worker's tasks elsewhere after session timeout and delay, and has lost nothing", async () => {
    const nodes = await startTwo('five')
    const [first, second] = nodes
    await spreadIs(nodes, [2, 2])
    await grows('five')
    const killedAtMs = performance.now()
    await first?.kill()
    await spreadIs(nodes.slice(1), [4])
    // 6 s without heartbeats, and the delay; a new leader deals out what its predecessor had at once.
    expect(performance.now() - killedAtMs).toBeLessThan(15_000)
    await grows('five')
    await second?.stop()
    await losesNothing('five')
  }, 60_000)

  it('goes on when the cluster was away, and has lost nothing', async () => {
    const nodes = await startTwo('four')
    await spreadIs(nodes, [2, 2])
    await grows('four')
    await kafka.broker(1).kill()
    await waitUntil('nobody may write', () => nodes.every(({ herder }) => !herder.isLeaseHeld), { timeoutMs: 30_000 })
    // What runs goes on running: nobody else can have taken it.
    expect(nodes.map(({ worker }) => worker.tasks.length)).toEqual([2, 2])
    await kafka.broker(1).start()
    await spreadIs(nodes, [2, 2])
    await grows('four')
    for (const node of nodes) await node.stop()
    await losesNothing('four')
  }, 120_000)
})
