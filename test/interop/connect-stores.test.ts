/** The internal topics, written here and read by Kafka's own classes, and the reverse: both must say the same. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runJavaProgram } from '../../dev/local-kafka/java-programs.ts'
import { kafkaJars } from '../../dev/local-kafka/kafka-jars.ts'
import { type LocalCluster } from '../../dev/local-kafka/local-cluster.ts'
import { systemClock } from '../../src/base/clock.ts'
import { type KafkaCluster } from '../../src/client/kafka-cluster.ts'
import { type RawProducer } from '../../src/client/raw-producer.ts'
import { type ConfigStoreListener } from '../../src/connect/storage/config-store.ts'
import { jsonContentKey } from '../../src/connect/storage/jackson-json.ts'
import { KafkaConfigStore } from '../../src/connect/storage/kafka-config-store.ts'
import { KafkaStatusStore } from '../../src/connect/storage/kafka-status-store.ts'
import { RenewableProducer } from '../../src/client/renewable-producer.ts'
import { OffsetStore } from '../../src/connect/storage/offset-store.ts'
import { type StoredStatus } from '../../src/connect/storage/status-store.ts'
import { recordingLogger } from '../support/fake-brokers.ts'
import { realClients } from '../support/real-client.ts'
import { clusterTimeoutMs, realClusters } from '../support/real-cluster.ts'
import { produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startCluster = realClusters()
const clients = realClients()
let kafka: LocalCluster
let cluster: KafkaCluster
let producer: RawProducer

beforeAll(async () => {
  kafka = await startCluster()
  cluster = clients.cluster(kafka.bootstrapServers)
  producer = clients.producer(cluster, kafka.bootstrapServers)
}, clusterTimeoutMs)

/** Starts of a JVM, on a machine that may be busy. */
const javaTimeoutMs = 120_000

const connector = 'Mirror-Source-1'
const names = [connector, 'removed', 'inconsistent']

function common(topic: string, log: string[] = []) {
  const topicOptions = { topic, partitions: 5, replicationFactor: 1, configs: {} }
  return { cluster, producer, clock: systemClock, logger: recordingLogger(log), ...topicOptions }
}

function openConfigs(topic: string, log?: string[]): KafkaConfigStore {
  const store = new KafkaConfigStore({
    ...common(topic, log),
    isolation: 'read_uncommitted',
    isLeaseHeld: () => true
  })
  onTestFinished(() => {
    store.close()
  })
  return store
}

function openStatuses(topic: string): KafkaStatusStore {
  const store = new KafkaStatusStore(common(topic))
  onTestFinished(() => {
    store.close()
  })
  return store
}

function openOffsets(topic: string): OffsetStore {
  const options = {
    partitions: 25,
    isolation: 'read_uncommitted',
    producer: new RenewableProducer(() => producer)
  } as const
  const store = new OffsetStore({ ...common(topic), ...options })
  onTestFinished(() => {
    store.close()
  })
  return store
}

const ignore = (): void => undefined
const deaf: ConfigStoreListener = {
  connectorConfigUpdated: ignore,
  connectorConfigRemoved: ignore,
  taskConfigsUpdated: ignore,
  targetStateChanged: ignore,
  sessionKeyUpdated: ignore,
  restartRequested: ignore,
  loggerLevelUpdated: ignore
}

async function java(version: string, ...args: string[]): Promise<string> {
  const [mode = '', ...rest] = args
  const jars = await kafkaJars(version)
  const { stdout } = await runJavaProgram(jars, 'ConnectStores', [mode, kafka.bootstrapServers, ...rest])
  return stdout
}

function plainStatus(status: StoredStatus | undefined, knowsVersions: boolean) {
  if (status === undefined) return null
  const { state, trace, workerId, generation, version } = status
  return { state, trace, workerId, generation, version: knowsVersions ? version : null }
}

/** In the words of the Java program. */
async function dump(suffix: string, knowsVersions: boolean): Promise<Record<string, unknown>> {
  const configs = openConfigs(`configs${suffix}`)
  const statuses = openStatuses(`status${suffix}`)
  const offsets = openOffsets(`offsets${suffix}`)
  await Promise.all([configs.start(deaf), statuses.start(), offsets.load()])
  const snapshot = configs.snapshot()
  const { sessionKey } = snapshot
  const all: Record<string, unknown> = {
    offset: Number(snapshot.offset),
    sessionKey: sessionKey && [sessionKey.key.toString('base64'), sessionKey.algorithm, sessionKey.createdAt],
    connectors: snapshot.connectors,
    connectorsWithStatus: statuses.connectors().toSorted()
  }
  for (const name of names) {
    const positions = await offsets.connectorOffsets(name)
    const taskStatuses = statuses.tasks(name).map((status) => [status.id.task, plainStatus(status, knowsVersions)])
    all[name] = {
      config: snapshot.connectorConfig(name) ?? null,
      applied: snapshot.appliedConnectorConfig(name) ?? null,
      targetState: snapshot.targetState(name) ?? null,
      taskCount: snapshot.taskCount(name),
      taskConfigs: snapshot.tasks(name).map((id) => snapshot.taskConfig(id)),
      generation: snapshot.taskGeneration(name) ?? null,
      isInconsistent: snapshot.isInconsistent(name),
      status: plainStatus(statuses.connector(name), knowsVersions),
      taskStatuses: Object.fromEntries(taskStatuses) as unknown,
      topics: statuses.topics(name),
      positions: Object.fromEntries(
        positions.map(({ partition, offset }) => [jsonContentKey(partition), jsonContentKey(offset)])
      )
    }
  }
  return all
}

/** Positions compared as text: they are larger than a double holds. */
async function dumpOfJava(version: string, suffix: string): Promise<Record<string, unknown>> {
  const stdout = await java(version, 'dump', suffix, names.join())
  return JSON.parse(stdout.replace(/\{"offset":(\d+)\}/g, String.raw`"{\"offset\":$1}"`)) as Record<string, unknown>
}

async function writeOurs(suffix: string): Promise<void> {
  const configs = openConfigs(`configs${suffix}`)
  const statuses = openStatuses(`status${suffix}`)
  const offsets = openOffsets(`offsets${suffix}`)
  await Promise.all([configs.start(deaf), statuses.start(), offsets.load()])
  await configs.putSessionKey({ key: Buffer.alloc(32, 7), algorithm: 'HmacSHA256', createdAt: 1729814581000 })
  const config = { name: connector, 'odd \u001f"\\': 'é😀/<', nothing: null }
  await configs.putConnectorConfig(connector, config, 'STOPPED')
  await configs.putTaskConfigs(connector, [{ 'task.index': '0' }, { 'task.index': '1' }])
  await configs.putTaskConfigs(connector, [{ 'task.index': '0', new: 'yes' }])
  await configs.putConnectorConfig('removed', { name: 'removed' })
  await configs.putTaskConfigs('removed', [{}])
  await configs.putTargetState('removed', 'PAUSED')
  await configs.removeConnectorConfig('removed')
  await configs.putConnectorConfig('inconsistent', { name: 'inconsistent' })
  await configs.putRestartRequest({ connector, includeTasks: true, onlyFailed: false })
  await configs.putLoggerLevel('org.x', 'DEBUG')
  const broken = [
    ...[
      { key: 'commit-inconsistent', value: '{"tasks":2}' },
      { key: 'unknown', value: '{}' }
    ],
    ...[
      { key: 'connector-x', value: '[]' },
      { key: 'task-x-y', value: '{"properties":{}}' }
    ],
    ...[
      { key: 'target-state-removed', value: '{"state":"FLYING"}' },
      { key: 'connector-x', value: 'no json' }
    ]
  ]
  await produceRecords(kafka, `configs${suffix}`, broken)
  const status: StoredStatus = {
    ...{ state: 'FAILED', trace: 'Error: "x"\n\tat y\u001f', workerId: 'host/A->B/id', generation: 7, version: '4.3.1' }
  }
  for (const name of [connector, 'removed'])
    statuses.putConnector(name, { ...status, state: 'RUNNING', trace: null }, 'plain')
  for (const task of [0, 1]) statuses.putTask({ connector, task }, status, 'plain')
  for (const topic of ['A.t1', 'A.t2']) statuses.putTopic(topic, { connector, task: 0 }, 5)
  await statuses.flush(10_000)
  statuses.deleteConnector('removed')
  statuses.deleteTask({ connector, task: 1 })
  statuses.deleteTopic('A.t2', connector)
  await statuses.flush(10_000)
  await produceRecords(kafka, `status${suffix}`, [
    { key: `status-connector-${connector}`, value: 'no json' },
    { key: 'unknown', value: '{}' }
  ])
  const partition = (number: number) => ({ fields: { cluster: 'A', partition: number, topic: 't\u001f1' } })
  await offsets.put(
    connector,
    [0, 1, 2].map((number) => ({ partition: partition(number), offset: 9007199254740993n }))
  )
  await offsets.alter(connector, [{ partition: { topic: 't\u001f1', partition: 1, cluster: 'A' }, offset: null }])
  await offsets.alter(connector, [{ partition: { 9: 'nine', key: true, 1: null }, offset: { offset: 1n } }])
}

describe.each(['4.3.1', '3.9.1'])('between this program and the classes of Kafka %s', (version) => {
  const knowsVersions = version !== '3.9.1'

  it(
    'configs, statuses and positions written here read the same there, broken records included',
    async () => {
      await writeOurs(`-ours-${version}`)
      const theirs = await dumpOfJava(version, `-ours-${version}`)
      expect(theirs).toEqual(await dump(`-ours-${version}`, knowsVersions))
      expect(theirs).toMatchObject({ connectors: [connector, 'inconsistent'], inconsistent: { isInconsistent: true } })
    },
    javaTimeoutMs
  )

  it(
    'configs, statuses and positions written there read the same here',
    async () => {
      await java(version, 'write', `-java-${version}`, connector)
      const ours = await dump(`-java-${version}`, knowsVersions)
      expect(ours).toEqual(await dumpOfJava(version, `-java-${version}`))
      expect(ours).toMatchObject({ connectors: [connector], connectorsWithStatus: [connector] })
    },
    javaTimeoutMs
  )
})

it(
  'what counts for the config offset here, counts for the classes of both versions',
  async () => {
    const values = [
      ...['{"a":1} and more', '{"a":1', '1x', '1 x', 'nullx', 'null', '', '  ', '007', '-', '.5', '1.', '1e5', 'NaN'],
      ...['"\u0001"', `${'['.repeat(900)}${']'.repeat(900)}`, `${'['.repeat(1100)}${']'.repeat(1100)}`, '\ufeff{}'],
      ...[
        Buffer.from([0x22, 0xff, 0x22]),
        '{"a":/*b*/1}',
        '[1,]',
        '{"a":1,"a":2}',
        '99999999999999999999',
        String.raw`"\x"`
      ]
    ]
    const topics = values.map((_, index) => `positions-${index}`)
    const stores = topics.map((topic) => openConfigs(topic))
    await Promise.all(stores.map((store) => store.start(deaf)))
    await Promise.all(stores.map((store) => store.putTargetState('c', 'PAUSED')))
    await produceRecords(
      kafka,
      'positions-0',
      topics.map((topic, index) => ({ topic, key: 'commit-c', value: values[index] ?? null }))
    )
    await Promise.all(stores.map((store) => store.refresh(10_000)))
    const asPairs = (offsets: readonly string[]) =>
      offsets.map((offset, index) => [String(values[index]).slice(0, 20), offset])
    const ours = asPairs(stores.map((store) => String(store.snapshot().offset)))
    for (const version of ['4.3.1', '3.9.1']) {
      expect(ours).toEqual(asPairs((await java(version, 'positions', topics.join())).trim().split('\n')))
    }
  },
  javaTimeoutMs
)

it('shows what another worker writes within a second', async () => {
  const events: string[] = []
  const [one, two] = [openConfigs('configs-followed'), openConfigs('configs-followed')]
  const statuses = [openStatuses('status-followed'), openStatuses('status-followed')]
  await one.start({ ...deaf, connectorConfigUpdated: (name) => void events.push(name) })
  await two.start(deaf)
  for (const store of statuses) await store.start()
  await two.putConnectorConfig('c', { name: 'c' })
  await waitUntil('the config shows', () => events.length > 0, { timeoutMs: 1000, intervalMs: 10 })
  const status: StoredStatus = { state: 'RUNNING', trace: null, workerId: 'w', generation: 1, version: null }
  statuses[0]?.putConnector('c', status, 'plain')
  await waitUntil('the status shows', () => statuses[1]?.connector('c') !== undefined, {
    timeoutMs: 1000,
    intervalMs: 10
  })
})

it('refuses a config topic of several partitions, with advice', async () => {
  await openStatuses('configs-wide').start()
  await expect(openConfigs('configs-wide').start(deaf)).rejects.toThrow('has 5 partitions and may have 1')
})
