import { beforeEach, expect, test } from 'vitest'
import { ConfigProviders } from '../../../../src/config/config-providers.ts'
import { Findings } from '../../../../src/config/findings.ts'
import { traced } from '../../../../src/config/traced-properties.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { taskIdText } from '../../../../src/connect/connector-task-id.ts'
import { type SourceConnectorPlugin } from '../../../../src/connect/source-connector-plugin.ts'
import { type ConnectorContext, type TaskConfig } from '../../../../src/connect/source-connector.ts'
import { type StoredStatus, type StatusWriteMode } from '../../../../src/connect/storage/status-store.ts'
import { allowAllOverrides, clientOverridePolicy } from '../../../../src/connect/worker/client-override-policy.ts'
import { ConnectWorker } from '../../../../src/connect/worker/connect-worker.ts'
import { type ConnectWorkerOptions } from '../../../../src/connect/worker/connect-worker-options.ts'
import { type TopicSpec } from '../../../../src/connect/worker/topic-creation.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ToyProducer, ToyStore, ToyTask } from '../../../support/worker-toys.ts'

const id = { connector: 'c', task: 0 }
const config: ConnectorConfig = {
  name: 'c',
  'connector.class': 'Toy',
  'tasks.max': '2',
  secret: '${env:SECRET}',
  unset: null
}
const taskStart = { connectorConfig: config, taskConfig: config, targetState: 'STARTED', taskCount: 1 } as const

let clock: ManualClock
let statuses: string[]
let written: StoredStatus[]
let modes: StatusWriteMode[]
let topics: string[]
let requests: string[]
let closed: string[]
let properties: ReadonlyMap<string, string> | undefined
let offsetStore: ToyStore
let tasks: ToyTask[]
let producers: ToyProducer[]
let seenConfigs: (ConnectorConfig | TaskConfig)[]
let context: ConnectorContext | undefined
let generated: TaskConfig[]
let created: TopicSpec[]
let worker: ConnectWorker

const plugin: SourceConnectorPlugin = {
  className: 'Toy',
  taskClassName: 'ToyTask',
  type: 'source',
  version: '4.3.1',
  createConnector: (resolved) => {
    seenConfigs.push(resolved)
    return {
      start: async (given) => {
        context = given
        await Promise.resolve()
      },
      taskConfigs: () => generated,
      stop: async () => {
        await Promise.resolve()
      }
    }
  },
  createTask: (resolved) => {
    seenConfigs.push(resolved)
    const task = new ToyTask()
    tasks.push(task)
    return task
  },
  validate: () => [],
  checkOffset: () => undefined
}

function createWorker(options: Partial<ConnectWorkerOptions> = {}): ConnectWorker {
  const providers = traced([
    ['config.providers', 'env'],
    ['config.providers.env.class', 'org.apache.kafka.common.config.provider.EnvVarConfigProvider']
  ])
  const note = (name: string, status: StoredStatus, mode: StatusWriteMode): void => {
    statuses.push(`${name} ${status.state}`)
    written.push(status)
    modes.push(mode)
  }
  return new ConnectWorker({
    workerId: 'host/A->B/1',
    settings: {
      'offset.flush.interval.ms': 1_000,
      'offset.flush.timeout.ms': 5_000,
      'task.shutdown.graceful.timeout.ms': 5_000,
      'topic.tracking.enable': true,
      'topic.creation.enable': true
    },
    workerProperties: new Map([['producer.linger.ms', '5']]),
    findConnector: (className) => (className === 'Toy' ? plugin : undefined),
    builtInVersion: '4.3.1',
    configProviders: ConfigProviders.declaredIn(providers, { SECRET: 's3cret' }, new Findings()),
    overridePolicy: allowAllOverrides,
    offsetStore: {
      get: (_connector, partitions) => offsetStore.get(partitions),
      put: (_connector, entries) =>
        offsetStore.put(entries.map(({ partition, offset }) => ({ partition, offset: offset ?? -1n })))
    },
    statusStore: {
      putConnector: note,
      putTask: (task, status, mode) => {
        note(taskIdText(task), status, mode)
      },
      putTopic: (topic, task, discoveredAtMs) => {
        topics.push(`${topic} ${taskIdText(task)} ${discoveredAtMs - clock.now()}`)
      }
    },
    createProducer: (request) => {
      properties = request.properties
      const producer = new ToyProducer()
      producers.push(producer)
      const close = async (): Promise<void> => {
        closed.push(taskIdText(request.id))
        await Promise.resolve()
      }
      return { producer, close }
    },
    createPipeline: () => null,
    createTopic: async (spec) => {
      created.push(spec)
      await Promise.resolve()
    },
    compilePattern: (pattern) => new RegExp(`^(?:${pattern})$`),
    listener: {
      taskReconfigurationRequested: (connector) => {
        requests.push(connector)
      }
    },
    clock,
    logger: recordingLogger([]),
    ...options
  })
}

beforeEach(() => {
  clock = new ManualClock()
  statuses = []
  written = []
  modes = []
  topics = []
  requests = []
  closed = []
  offsetStore = new ToyStore()
  tasks = []
  producers = []
  seenConfigs = []
  generated = [{ 'task.index': '0' }]
  created = []
  properties = context = undefined
  worker = createWorker()
})

test('a connector runs with its placeholders set in, and asks its herder for new task configs', async () => {
  worker.setGeneration(7)
  expect(await worker.startConnector('c', config, 'STARTED')).toBe('RUNNING')
  context?.requestTaskReconfiguration()
  expect([requests, worker.connectors, worker.isRunning('c')]).toEqual([['c'], ['c'], true])
  expect(seenConfigs).toEqual([{ ...config, secret: 's3cret' }])
  expect(written).toEqual([{ state: 'RUNNING', trace: null, workerId: 'host/A->B/1', generation: 7, version: '4.3.1' }])
  await expect(worker.startConnector('c', config, 'STARTED')).rejects.toThrow('runs here already')
  await worker.stopConnectors(['c', 'other'])
  expect([statuses, modes, worker.connectors]).toEqual([['c RUNNING', 'c UNASSIGNED'], ['plain', 'safe'], []])
})

test.each([
  ['an unknown class', { 'connector.class': 'Other' }, /connector\.class = Other/],
  ['another version', { 'connector.plugin.version': '4.3.0' }, /connector\.plugin\.version = 4\.3\.0/],
  ['another version of a converter', { 'key.converter.plugin.version': '[5,)' }, /key\.converter\.plugin\.version/]
])('%s fails connector and task, which are not kept', async (_what, keys, trace) => {
  const connectorConfig = { ...config, ...keys }
  expect(await worker.startConnector('c', connectorConfig, 'STARTED')).toBe('FAILED')
  worker.startTask(id, { ...taskStart, connectorConfig })
  expect([statuses, modes]).toEqual([
    ['c FAILED', 'c-0 FAILED'],
    ['plain', 'plain']
  ])
  for (const status of written) expect(status.trace).toMatch(trace)
  expect([worker.connectors, worker.tasks]).toEqual([[], []])
})

test('stored task configs have the task class, and placeholders instead of secrets', async () => {
  await worker.startConnector('c', config, 'STARTED')
  generated = [{ secret: 's3cret', 'task.index': '0' }, { 'task.index': '1' }]
  expect(await worker.taskConfigs('c', config)).toEqual([
    { secret: '${env:SECRET}', 'task.index': '0', 'task.class': 'ToyTask' },
    { 'task.index': '1', 'task.class': 'ToyTask' }
  ])
})

test('more tasks than tasks.max fail the connector, unless that is not enforced', async () => {
  await worker.startConnector('c', config, 'STARTED')
  generated = [{}, {}, {}]
  expect(await worker.taskConfigs('c', { ...config, 'tasks.max.enforce': 'false' })).toHaveLength(3)
  await expect(worker.taskConfigs('c', config)).rejects.toThrow('has 3 tasks, tasks.max allows 2')
  expect(statuses).toEqual(['c RUNNING', 'c FAILED'])
  await expect(worker.taskConfigs('c', config)).rejects.toThrow('not started here')
})

test('tasks beyond tasks.max fail, unless that is not enforced', () => {
  worker.startTask(id, { ...taskStart, taskCount: 3 })
  expect(statuses).toEqual(['c-0 FAILED'])
  worker.startTask(id, { ...taskStart, taskCount: 3, connectorConfig: { ...config, 'tasks.max.enforce': 'false' } })
  expect(worker.tasks).toEqual([id])
})

test('a task runs with resolved keys and the producer settings of its connector', async () => {
  const connectorConfig = { ...config, 'producer.override.acks': '${env:SECRET}' }
  worker.startTask(id, { ...taskStart, connectorConfig })
  await clock.advance(0)
  expect(statuses).toEqual(['c-0 RUNNING'])
  expect(Object.fromEntries(properties ?? [])).toEqual({
    'client.id': 'connector-producer-c-0',
    'linger.ms': '5',
    acks: 's3cret'
  })
  expect(seenConfigs).toEqual([{ name: 'c', 'connector.class': 'Toy', 'tasks.max': '2', secret: 's3cret' }])
  await worker.stop()
  expect([statuses, closed, worker.tasks]).toEqual([['c-0 RUNNING', 'c-0 UNASSIGNED'], ['c-0'], []])
})

test('an override that the policy forbids fails the task before it has a producer', () => {
  worker = createWorker({ overridePolicy: clientOverridePolicy('None') })
  worker.startTask(id, { ...taskStart, connectorConfig: { ...config, 'producer.override.acks': '1' } })
  expect([statuses, producers]).toEqual([['c-0 FAILED'], []])
})

test('a task that fails later is kept, does not fail the others, and is stopped without another state', async () => {
  worker.startTask(id, taskStart)
  worker.startTask({ connector: 'c', task: 1 }, taskStart)
  await clock.advance(0)
  const [first] = tasks
  if (first !== undefined) first.pollFailure = new Error('defect', { cause: new Error('root') })
  first?.wake()
  await clock.advance(10)
  expect(written.at(-1)?.trace).toBe('Error: defect\nCaused by: Error: root\n')
  expect(worker.tasks).toEqual([id, { connector: 'c', task: 1 }])
  await worker.stopTasks([id])
  expect(statuses).toEqual(['c-0 RUNNING', 'c-1 RUNNING', 'c-0 FAILED'])
  expect(modes).toEqual(['plain', 'plain', 'safe'])
  expect(() => {
    worker.startTask(id, taskStart)
  }).not.toThrow()
})

test('tasks stop together within the grace time; one that does not is cancelled, forgotten, and may be started anew', async () => {
  for (const task of [0, 1]) worker.startTask({ connector: 'c', task }, taskStart)
  await clock.advance(0)
  tasks[1]?.give(1n)
  await clock.advance(10)
  const [, slow] = producers
  if (slow !== undefined) {
    slow.isAway = true
    slow.drained = new Promise(() => undefined)
  }
  const stopped = worker.stopTasks(worker.tasks)
  await clock.advance(4_999)
  expect([statuses.at(-1), slow?.isClosed]).toEqual(['c-0 UNASSIGNED', false])
  await clock.advance(1)
  await stopped
  expect([slow?.isClosed, slow?.flushTimeouts, closed]).toEqual([true, [4_000], ['c-0', 'c-1']])
  worker.startTask({ connector: 'c', task: 1 }, taskStart)
  slow?.settle()
  await clock.advance(5_000)
  expect([statuses.slice(2), offsetStore.stored]).toEqual([['c-0 UNASSIGNED', 'c-1 RUNNING'], []])
})

test('a target state reaches the connector and its tasks, also those that begin with it', async () => {
  await worker.startConnector('c', config, 'PAUSED')
  worker.startTask(id, { ...taskStart, targetState: 'PAUSED' })
  worker.startTask({ connector: 'd', task: 0 }, taskStart)
  await clock.advance(0)
  await worker.setTargetState('c', 'STARTED')
  await clock.advance(0)
  // Connectors and tasks change side by side: which comes first means nothing.
  expect([...statuses].sort()).toEqual(['c PAUSED', 'c RUNNING', 'c-0 PAUSED', 'c-0 RUNNING', 'd-0 RUNNING'])
  await worker.setTargetState('c', 'STOPPED')
  expect(worker.tasks).toEqual([{ connector: 'd', task: 0 }])
  expect(statuses.slice(5).sort()).toEqual(['c STOPPED', 'c-0 UNASSIGNED'])
})

test('an active topic is noted at its first records and again later, in case it was reset, and created by the rules of its connector', async () => {
  const connectorConfig = {
    ...config,
    'topic.creation.default.partitions': '3',
    'topic.creation.default.replication.factor': '1'
  }
  worker.startTask(id, { ...taskStart, connectorConfig })
  await clock.advance(0)
  tasks[0]?.give(1n)
  tasks[0]?.give(2n)
  await clock.advance(10)
  producers[0]?.settle()
  expect(topics).toEqual(['A.t c-0 0'])
  await clock.advance(2_000)
  tasks[0]?.give(3n)
  await clock.advance(10)
  producers[0]?.settle()
  expect(topics).toHaveLength(2)
  expect(created).toEqual([{ topic: 'A.t', partitions: 3, replicationFactor: 1, configs: new Map() }])
})

test('the lease that is set later holds for tasks that run', async () => {
  worker.startTask(id, taskStart)
  await clock.advance(0)
  worker.setLease(() => false)
  tasks[0]?.give(1n)
  await clock.advance(2_000)
  expect(producers[0]?.sent).toEqual([])
})

test('a task is overtaken when its stored position is not the one that it read or stored last, or cannot be read', async () => {
  worker.startTask(id, taskStart)
  await clock.advance(0)
  tasks[0]?.give(7n)
  await clock.advance(0)
  producers[0]?.settle()
  const overtaken = async (): Promise<unknown> => await worker.overtakenTasks([id, { connector: 'other', task: 0 }])
  expect(await overtaken()).toEqual([])
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([7n])
  offsetStore.position = 7n
  expect(await overtaken()).toEqual([])
  for (const position of [9n, 5n, undefined]) {
    offsetStore.position = position
    expect(await overtaken()).toEqual([id])
  }
  offsetStore.position = 7n
  offsetStore.isHanging = true
  const unknown = overtaken()
  await clock.advance(5_000)
  expect(await unknown).toEqual([id])
})
