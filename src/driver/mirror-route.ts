import { createKafkajsAdmin } from '../admin/kafkajs-admin.ts'
import { type ForwardingAdmin } from '../admin/forwarding-admin.ts'
import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { createRawProducer } from '../client/batch-producer.ts'
import { connectCluster, type KafkaCluster } from '../client/kafka-cluster.ts'
import { type RawProducer } from '../client/raw-producer.ts'
import { Reachability } from '../client/reachability.ts'
import { describeTopicConfigs } from '../client/topic-configs.ts'
import { topicPartitionKey } from '../client/topic-partition.ts'
import { type ClientSettings, type ProducerSettings } from '../config/client-settings.ts'
import { StandaloneHerder } from '../connect/herder/standalone-herder.ts'
import { type HerderStatus, type TaskHandle } from '../connect/herder/task-handle.ts'
import { type TaskConfig } from '../connect/source-connector.ts'
import { OffsetStore } from '../connect/storage/offset-store.ts'
import { WorkerSourceTask } from '../connect/worker/worker-source-task.ts'
import { DefaultConfigPropertyFilter } from '../mirror/filters/default-config-property-filter.ts'
import { DefaultTopicFilter } from '../mirror/filters/default-topic-filter.ts'
import { policyClasses } from '../mirror/mirror-options.ts'
import { mirrorSourceSettings } from '../mirror/source/mirror-source-config.ts'
import { MirrorSourceConnector } from '../mirror/source/mirror-source-connector.ts'
import { MirrorSourceTask } from '../mirror/source/mirror-source-task.ts'
import { parseAssignedPartitions, taskIndexKey } from '../mirror/source/task-assignment.ts'
import { DefaultReplicationPolicy } from '../mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../mirror-client/identity-replication-policy.ts'
import { type ReplicationPolicy } from '../mirror-client/replication-policy.ts'
import { type OpenConnection } from '../net/connection.ts'
import { refuseActiveGroup } from './active-group.ts'
import { type RouteConfig, sourceConnectorName } from './route-config.ts'

/** What the routes of a process share. */
export interface RouteServices {
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface RouteStatus extends HerderStatus {
  /** Target partitions that take no records until an operator acts: `topic-partition`. */
  readonly blockedPartitions: readonly string[]
}

/** Bytes that one task keeps between source and target. */
const taskBudgetBytes = 48 * 1024 * 1024

/** One `A->B` pair at work: the source connector and its tasks, with their clients and the store of their positions. */
export class MirrorRoute {
  readonly #config: RouteConfig
  /** All clients of the route tell together when a cluster is away. */
  readonly #services: RouteServices & { readonly reachability: Reachability }
  readonly #policy: ReplicationPolicy
  readonly #topicIds = new Map<string, Buffer>()
  /** Those that live as long as the route. */
  readonly #clusters: KafkaCluster[] = []
  /** By producer: what one had blocked is no longer known to be so once another takes its place. */
  readonly #blocked = new Map<RawProducer, Set<string>>()
  readonly #closing = new AbortController()
  readonly #targetAdmin: ForwardingAdmin
  readonly #offsetStore: OffsetStore
  readonly #offsetProducer: RawProducer
  readonly #connector: MirrorSourceConnector
  readonly #herder: StandaloneHerder

  constructor(config: RouteConfig, services: RouteServices) {
    this.#config = config
    const logger = services.logger.child({ route: `${config.source}->${config.target}` })
    this.#services = { ...services, logger, reachability: new Reachability(logger) }
    this.#policy = this.#createPolicy()
    this.#targetAdmin = createKafkajsAdmin({ alias: config.target, settings: config.clients.targetAdmin, logger })
    const storeCluster = this.#connect(config.target, config.clients.offsetStoreProducer)
    this.#offsetProducer = this.#createProducer(storeCluster, config.clients.offsetStoreProducer, 'offsets')
    this.#offsetStore = new OffsetStore({
      cluster: storeCluster,
      producer: this.#offsetProducer,
      clock: services.clock,
      logger,
      topic: config.worker['offset.storage.topic'],
      partitions: config.worker['offset.storage.partitions'],
      replicationFactor: config.worker['offset.storage.replication.factor'],
      configs: Object.fromEntries(config.offsetsTopicSettings),
      isolation: config.clients.offsetStoreConsumer.isolationLevel
    })
    this.#connector = this.#createConnector()
    this.#herder = new StandaloneHerder({
      connectorName: sourceConnectorName,
      connector: this.#connector,
      startTask: (taskConfig, index) => this.#startTask(taskConfig, index),
      maxTasks: config.connector['tasks.max'],
      stopGraceMs: 2 * config.worker['task.shutdown.graceful.timeout.ms'],
      ...this.#services
    })
  }

  get name(): string {
    return `${this.#config.source}->${this.#config.target}`
  }

  /**
   * Resolves when the tasks run. Clusters that are away are waited for, for as long as it takes.
   * @throws MirrorError MIRROR_GROUP_ACTIVE while the route's Connect group has members, MIRROR_INTERNAL_TOPIC
   */
  async start(): Promise<void> {
    const { signal } = this.#closing
    // Both take a few round trips to the target: one after the other would double the time to the first record.
    await Promise.all([this.#refuseActiveGroup(), this.#offsetStore.load()])
    if (!signal.aborted) await this.#herder.start()
  }

  status(): RouteStatus {
    return { ...this.#herder.status(), blockedPartitions: [...this.#blocked.values()].flatMap((names) => [...names]) }
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    await this.#herder.stop()
    // Before its clients: what still reads or writes there would never hear an answer.
    this.#offsetStore.close()
    await this.#offsetProducer.close()
    await this.#targetAdmin.close()
    await Promise.all(this.#clusters.map((cluster) => cluster.close()))
  }

  async #refuseActiveGroup(): Promise<void> {
    const { worker, clients, target } = this.#config
    const cluster = this.#connect(target, clients.sharedAdmin)
    const groupId = worker['group.id']
    const { signal } = this.#closing
    await refuseActiveGroup({ route: this.name, target, groupId, cluster, signal, logger: this.#services.logger })
    // Nothing else is asked of this client for now.
    await cluster.close()
  }

  #createPolicy(): ReplicationPolicy {
    const isIdentity = this.#config.mirrorSource['replication.policy.class'] === policyClasses.identity
    const Policy = isIdentity ? IdentityReplicationPolicy : DefaultReplicationPolicy
    return new Policy(Object.fromEntries(this.#config.mirrorSourceProperties), this.#services.logger)
  }

  #createConnector(): MirrorSourceConnector {
    const { source, target, clients, mirrorSource, connectorProperties } = this.#config
    // Placeholders stay: task configs are stored as the connector's config is.
    const properties = Object.fromEntries(connectorProperties.get(sourceConnectorName) ?? [])
    const sourceCluster = this.#connect(source, clients.sourceAdmin)
    return new MirrorSourceConnector({
      settings: mirrorSourceSettings(mirrorSource, properties),
      policy: this.#policy,
      topicFilter: new DefaultTopicFilter(mirrorSource),
      configPropertyFilter: new DefaultConfigPropertyFilter(mirrorSource),
      source: sourceCluster,
      target: this.#connect(target, clients.targetAdmin),
      targetAdmin: this.#targetAdmin,
      describeSourceConfigs: (topics) => describeTopicConfigs(sourceCluster, topics),
      createTask: (config) => this.#createTask(config),
      ...this.#services
    })
  }

  #createTask(config: TaskConfig): MirrorSourceTask {
    const { source, target, clients, mirrorSource } = this.#config
    const index = Number(config[taskIndexKey])
    const consumer = clients.sourceConsumer(index)
    return new MirrorSourceTask({
      source: connectCluster({ alias: source, settings: consumer, ...this.#services }),
      sourceAlias: source,
      targetAlias: target,
      policy: this.#policy,
      partitions: parseAssignedPartitions(config),
      topicIds: this.#topicIds,
      consumer,
      pollTimeoutMs: mirrorSource['consumer.poll.timeout.ms'],
      budgetBytes: taskBudgetBytes,
      compressionType: clients.dataProducer(index).compressionType,
      ...this.#services
    })
  }

  #startTask(config: TaskConfig, index: number): TaskHandle {
    const { target, clients, worker } = this.#config
    const id = `${sourceConnectorName}-${index}`
    const settings = clients.dataProducer(index)
    const cluster = connectCluster({ alias: target, settings, ...this.#services })
    const producer = this.#createProducer(cluster, settings, id)
    const handle = new WorkerSourceTask({
      id,
      task: this.#connector.createTask(config),
      producer,
      offsetStore: {
        get: (partitions) => this.#offsetStore.get(sourceConnectorName, partitions),
        put: (entries) => this.#offsetStore.put(sourceConnectorName, entries)
      },
      offsetFlushIntervalMs: worker['offset.flush.interval.ms'],
      gracefulStopTimeoutMs: worker['task.shutdown.graceful.timeout.ms'],
      ...this.#services
    })
    void handle.done.then(() => {
      this.#blocked.delete(producer)
      return cluster.close()
    })
    return handle
  }

  #createProducer(cluster: KafkaCluster, settings: ProducerSettings, label: string): RawProducer {
    const blocked = new Set<string>()
    const producer = createRawProducer({
      cluster,
      settings,
      label,
      listener: {
        blocked: ({ topic, partition }) => {
          blocked.add(topicPartitionKey(topic, partition))
        },
        resumed: ({ topic, partition }) => {
          blocked.delete(topicPartitionKey(topic, partition))
        }
      },
      ...this.#services
    })
    this.#blocked.set(producer, blocked)
    return producer
  }

  #connect(alias: string, settings: ClientSettings): KafkaCluster {
    const cluster = connectCluster({ alias, settings, ...this.#services })
    this.#clusters.push(cluster)
    return cluster
  }
}
