import { beforeAll, describe, expect, it } from 'vitest'
import { type LocalCluster } from '../../../dev/local-kafka/local-cluster.ts'
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
async function startLeader(name: string): Promise<ConnectNode> {
  await createTopic(name)
  return await startNode(name, {
    onLeadership: async (herder) => {
      await herder.putConnectorConfig(connector, config(name), { mayReplace: true })
    }
  })
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

/** Every partition holds 0, 1, 2, ...: nothing was lost, repeated, or written out of order. */
async function countsWithoutGap(topic: string): Promise<number[]> {
  const partitions = await readAll(kafka, topic)
  for (const [partition, records] of partitions) {
    const values = records.map(({ value }) => Number(value))
    expect(values, `partition ${partition}`).toEqual(values.map((_, index) => index))
  }
  return [...partitions.values()].map((records) => records.length)
}

async function growth(topic: string): Promise<void> {
  const before = await countsWithoutGap(topic)
  await waitUntil('all partitions grow', async () => {
    const now = await countsWithoutGap(topic)
    return now.length === 4 && now.every((count, index) => count > (before[index] ?? 0))
  })
}

describe('the runtime on a real cluster', () => {
  it('gets from nothing to running tasks, and through every state that an operator can ask for', async () => {
    const node = await startLeader('one')
    const { herder, worker } = node
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await growth('one')
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
    await growth('one')

    await herder.putConnectorConfig(connector, { ...config('one'), 'tasks.max': '2' }, { mayReplace: true })
    await statesAre(node, 'RUNNING', ['RUNNING', 'RUNNING'])
    await herder.patchConnectorConfig(connector, { 'tasks.max': '4' })
    await statesAre(node, 'RUNNING', four('RUNNING'))

    await herder.stopConnector(connector)
    await statesAre(node, 'STOPPED', [])
    expect(worker.tasks).toEqual([])
    const counted = await countsWithoutGap('one')
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
    await growth('one')

    await herder.deleteConnector(connector)
    await waitUntil('its statuses are gone', async () => {
      return await herder.connectorStatus(connector).then(
        () => false,
        () => true
      )
    })
    expect([worker.connectors, worker.tasks, await herder.connectors()]).toEqual([[], [], []])
    await countsWithoutGap('one')
  }, 120_000)

  it('shares tasks with a second worker, moves them when one stops, and repeats nothing', async () => {
    const first = await startLeader('two')
    await statesAre(first, 'RUNNING', four('RUNNING'))
    const second = await startNode('two')
    await spreadIs([first, second], [2, 2])
    await statesAre(second, 'RUNNING', four('RUNNING'))
    await growth('two')
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
    await growth('two')

    await first.stop()
    await spreadIs([second], [4])
    await statesAre(second, 'RUNNING', four('RUNNING'))
    await growth('two')
    const third = await startNode('two')
    await spreadIs([second, third], [2, 2])
    await second.stop()
    await spreadIs([third], [4])
    await growth('two')
    await third.stop()
    await countsWithoutGap('two')
  }, 120_000)

  it('starts a task that failed again by itself, and shows it FAILED meanwhile', async () => {
    const node = await startLeader('three')
    await statesAre(node, 'RUNNING', four('RUNNING'))
    await node.herder.patchConnectorConfig(connector, { fails: '1' })
    await statesAre(node, 'RUNNING', ['RUNNING', 'FAILED', 'RUNNING', 'RUNNING'])
    expect(await node.herder.taskStatus({ connector, task: 1 })).toMatchObject({
      trace: expect.stringContaining('told to fail') as string
    })
  }, 60_000)
})
