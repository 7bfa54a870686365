import { sleep, systemClock } from '../../src/base/clock.ts'
import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { connectCluster } from '../../src/client/kafka-cluster.ts'
import { createRawProducer } from '../../src/client/batch-producer.ts'
import { type CompactedLogOptions } from '../../src/client/compacted-log.ts'
import { type RawProducer } from '../../src/client/raw-producer.ts'
import { RenewableProducer } from '../../src/client/renewable-producer.ts'
import { ConfigProviders } from '../../src/config/config-providers.ts'
import { Findings } from '../../src/config/findings.ts'
import { KafkaWorkerGroup, type WorkerGroupSettings } from '../../src/connect/group/kafka-worker-group.ts'
import { DistributedHerder } from '../../src/connect/herder/distributed-herder.ts'
import { type HerderSettings } from '../../src/connect/herder/herder-options.ts'
import { type SourceConnectorPlugin } from '../../src/connect/source-connector-plugin.ts'
import { type SourceBatch, type SourcePartition } from '../../src/connect/source-batch.ts'
import { type SourceTask } from '../../src/connect/source-task.ts'
import { KafkaConfigStore } from '../../src/connect/storage/kafka-config-store.ts'
import { KafkaStatusStore } from '../../src/connect/storage/kafka-status-store.ts'
import { OffsetStore } from '../../src/connect/storage/offset-store.ts'
import { allowAllOverrides } from '../../src/connect/worker/client-override-policy.ts'
import { ConnectWorker } from '../../src/connect/worker/connect-worker.ts'
import { openConnection } from '../../src/net/open-connection.ts'
import { encodeBatch } from '../../src/wire/record.ts'
import { clientSettings, producerSettings } from './real-client.ts'

/** Writes 0, 1, 2, ... to the partition of its topic that its config says, from the stored position on. */
class CountingTask implements SourceTask {
  readonly #topic: string
  readonly #number: number
  readonly #partition: SourcePartition
  readonly #stopping = new AbortController()
  #next = 0n

  constructor(topic: string, number: number) {
    this.#topic = topic
    this.#number = number
    this.#partition = { fields: { cluster: 'counter', partition: number, topic } }
  }

  async start(context: Parameters<SourceTask['start']>[0]): Promise<void> {
    const [stored] = await context.storedOffsets([this.#partition])
    this.#next = (stored ?? -1n) + 1n
  }

  async poll(): Promise<readonly SourceBatch[]> {
    await sleep(systemClock, 20, this.#stopping.signal)
    if (this.#stopping.signal.aborted) return []
    const offset = this.#next
    this.#next += 1n
    const value = Buffer.from(String(offset))
    const records = await encodeBatch([{ timestamp: BigInt(Date.now()), key: null, value }])
    const target = { targetTopic: this.#topic, targetPartition: this.#number }
    const range = { firstOffset: offset, lastOffset: offset, recordCount: 1 }
    return [{ sourcePartition: this.#partition, ...range, ...target, records, release: () => undefined }]
  }

  batchSettled(): void {
    // Nothing to give back.
  }

  commit(): Promise<void> {
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.#stopping.abort()
    return Promise.resolve()
  }
}

/** `topic` and `tasks.max` are all its keys; a task whose number is the connector's `fails` fails at once. */
const countingConnector: SourceConnectorPlugin = {
  ...{ className: 'test.Counting', taskClassName: 'test.CountingTask', type: 'source', version: '1' },
  createConnector: (config) => ({
    start: () => Promise.resolve(),
    taskConfigs: (maxTasks) => {
      const tasks = Math.min(maxTasks, Number(config['tasks'] ?? maxTasks))
      return Array.from({ length: tasks }, (_, index) => ({
        ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key, value ?? ''])),
        'task.index': String(index)
      }))
    },
    stop: () => Promise.resolve()
  }),
  createTask: (config) => {
    if (config['fails'] === config['task.index']) throw new Error('told to fail')
    return new CountingTask(config['topic'] ?? '', Number(config['task.index']))
  },
  validate: () => [],
  checkOffset: () => undefined
}

export interface ConnectNodeOptions {
  readonly bootstrapServers: string
  /** Of group and internal topics. */
  readonly name: string
  /** Default: none, and the leader keeps the connectors. */
  readonly url?: string
  readonly group?: Partial<WorkerGroupSettings>
  readonly onLeadership?: (herder: DistributedHerder) => Promise<void>
  readonly logger?: Logger
}

export interface ConnectNode {
  readonly herder: DistributedHerder
  readonly worker: ConnectWorker
  stop(): Promise<void>
  /** Cuts it off from the cluster at once, as a crash does: nothing is drained, stored or left. */
  kill(): Promise<void>
}

const herderSettings: HerderSettings = {
  'rebalance.timeout.ms': 60_000,
  'scheduled.rebalance.max.delay.ms': 2000,
  'worker.sync.timeout.ms': 3000,
  'worker.unsync.backoff.ms': 1000,
  'topic.tracking.enable': true,
  'topic.tracking.allow.reset': true,
  'inter.worker.key.generation.algorithm': 'HmacSHA256',
  'inter.worker.key.size': null,
  'inter.worker.key.ttl.ms': 3_600_000,
  'inter.worker.verification.algorithms': ['HmacSHA256']
}

const workerSettings = {
  'offset.flush.interval.ms': 200,
  'offset.flush.timeout.ms': 5000,
  'task.shutdown.graceful.timeout.ms': 5000,
  'topic.tracking.enable': true,
  'topic.creation.enable': true
}

const groupSettings: WorkerGroupSettings = {
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 300,
  rebalanceTimeoutMs: 20_000,
  protocol: 'sessioned',
  scheduledRebalanceMaxDelayMs: 2000,
  retryBackoffMs: 100
}

let nodes = 0

/** A worker of a Connect group with the counting connector, on a real cluster: all of the runtime but REST. */
export async function startConnectNode(options: ConnectNodeOptions): Promise<ConnectNode> {
  const { bootstrapServers, name, url, onLeadership, logger = silentLogger } = options
  nodes += 1
  const workerId = `worker-${nodes}`
  const tools = { clock: systemClock, random: systemRandom, logger }
  const cluster = connectCluster({ alias: 'B', settings: clientSettings(bootstrapServers), openConnection, ...tools })
  const createProducer = (label: string): RawProducer =>
    createRawProducer({
      cluster,
      settings: producerSettings(bootstrapServers),
      listener: { blocked: () => undefined, resumed: () => undefined },
      label,
      ...tools
    })
  const storeProducer = createProducer('stores')
  const offsetsProducer = new RenewableProducer(() => createProducer('offsets'))
  const log = (role: string): Omit<CompactedLogOptions, 'onRecord'> => ({
    ...{ cluster, producer: storeProducer, topic: `mm2-${role}.${name}.internal`, partitions: 3 },
    ...{ replicationFactor: 1, configs: {}, isolation: 'read_uncommitted', ...tools }
  })
  const stores = {
    config: new KafkaConfigStore({ ...log('configs'), isLeaseHeld: () => herder.isLeaseHeld }),
    status: new KafkaStatusStore(log('status')),
    offsets: new OffsetStore({ ...log('offsets'), producer: offsetsProducer })
  }
  const findConnector = (className: string): SourceConnectorPlugin | undefined =>
    className === countingConnector.className ? countingConnector : undefined
  const workers: ConnectWorker[] = []
  const herder: DistributedHerder = new DistributedHerder({
    stores,
    createGroup: (callbacks) =>
      new KafkaWorkerGroup({
        ...{ cluster, groupId: `${name}-mm2`, url: url ?? 'NOTUSED', keepConnectorsAtLeader: url === undefined },
        ...{ settings: { ...groupSettings, ...options.group }, callbacks, ...tools }
      }),
    createWorker: (listener) => {
      const worker = new ConnectWorker({
        workerId,
        settings: workerSettings,
        workerProperties: new Map([['bootstrap.servers', bootstrapServers]]),
        findConnector,
        builtInVersion: '4.3.1',
        configProviders: ConfigProviders.declaredIn(new Map(), {}, new Findings()),
        overridePolicy: allowAllOverrides,
        offsetStore: stores.offsets,
        statusStore: stores.status,
        createProducer: () => ({ producer: createProducer(workerId), close: () => Promise.resolve() }),
        createPipeline: () => null,
        createTopic: () => Promise.resolve(),
        compilePattern: (pattern) => new RegExp(pattern),
        listener,
        ...tools
      })
      workers.push(worker)
      return worker
    },
    plugins: { findConnector, descriptions: () => [countingConnector] },
    settings: herderSettings,
    kafkaClusterId: () => cluster.clusterId ?? null,
    validate: () => Promise.resolve([]),
    submitTaskConfigs: undefined,
    onLeadership: async () => {
      await onLeadership?.(herder)
    },
    onLoggerLevel: () => undefined,
    restartBackoff: { initialMs: 500, maxMs: 60_000 },
    ...tools
  })
  await herder.start()
  const [worker] = workers
  if (worker === undefined) throw new Error('The herder made no worker')
  return {
    herder,
    worker,
    async stop() {
      await herder.stop(15_000)
      await storeProducer.close()
      await offsetsProducer.close()
      await cluster.close()
    },
    async kill() {
      await cluster.close()
    }
  }
}
