import { createKafkajsAdmin } from '../../admin/kafkajs-admin.ts'
import { createTargetAdmin } from '../../admin/target-admin.ts'
import { type Logger } from '../../base/logger.ts'
import { describeTopicAcls } from '../../client/acls.ts'
import { connectCluster, type KafkaCluster } from '../../client/kafka-cluster.ts'
import { describeTopicConfigs } from '../../client/topic-configs.ts'
import { type ClientSettings } from '../../config/client-settings.ts'
import { traced, untraced } from '../../config/traced-properties.ts'
import { type ConnectorConfig } from '../../connect/connector-config.ts'
import { type PluginServices, type SourceConnectorPlugin } from '../../connect/source-connector-plugin.ts'
import { type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { type SourceTask } from '../../connect/source-task.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { configProblems, readConnectorConfig, tracedConfig } from '../connector-properties.ts'
import { createInternalTopic } from '../internal-topic-creation.ts'
import { loadedConnector, loadedTask } from '../loaded-part.ts'
import { emulatedVersion, sourceConnectorOptions } from '../mirror-options.ts'
import { MirrorPlugins } from '../mirror-plugins.ts'
import { type MirrorServices } from '../mirror-services.ts'
import { checkSourceOffset } from '../altered-offsets.ts'
import { createOffsetLedger } from './create-offset-ledger.ts'
import { type MirrorSourceConfig, type MirrorSourceSettings, readMirrorSourceConfig } from './mirror-source-config.ts'
import { MirrorSourceConnector } from './mirror-source-connector.ts'
import { HeldGaps } from './held-gaps.ts'
import { MirrorSourceTask, type MirrorSourceTaskOptions } from './mirror-source-task.ts'
import { type OffsetSyncSettings } from './offset-sync-settings.ts'
import { parseAssignedPartitions, taskIndexKey } from './task-assignment.ts'

/** Bytes that one task keeps between source and target: as many as Java's producer does by default (`buffer.memory`). */
const taskBudgetBytes = 32 * 1024 * 1024

/** MirrorSourceConnector and its task, as the runtime makes them from stored configs. */
export function mirrorSourcePlugin(services: MirrorServices): SourceConnectorPlugin {
  /** Outlives the tasks: by it a task tells a topic from one created anew while none of them held it. */
  const memory: TaskMemory = { topicIds: new Map(), heldGaps: new HeldGaps() }
  return {
    className: 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
    taskClassName: 'org.apache.kafka.connect.mirror.MirrorSourceTask',
    type: 'source',
    version: emulatedVersion,
    createConnector: (config, { logger }) => createConnector(config, logger, services),
    createTask: (config, plugin) => createTask(config, plugin, services, memory),
    validate: (config) =>
      configProblems(config, readMirrorSourceConfig, { options: sourceConnectorOptions, loader: services.loader }),
    checkOffset: checkSourceOffset
  }
}

/** What outlives the tasks of a connector. */
type TaskMemory = Pick<MirrorSourceTaskOptions, 'topicIds' | 'heldGaps'>

function createConnector(config: ConnectorConfig, logger: Logger, services: MirrorServices): SourceConnector {
  const read = readConnectorConfig(config, readMirrorSourceConfig)
  const { loader } = services
  return loadedConnector(new MirrorPlugins(untraced(tracedConfig(config)), { loader, logger }), (plugins) =>
    makeConnector(read, plugins, logger, services)
  )
}

async function makeConnector(
  { options, settings, clients, offsetSyncs }: MirrorSourceConfig,
  plugins: MirrorPlugins,
  logger: Logger,
  services: MirrorServices
): Promise<SourceConnector> {
  const { sourceAlias, targetAlias } = settings
  const connect = (alias: string, client: ClientSettings): KafkaCluster =>
    connectCluster({ alias, settings: client, ...services, logger })
  const kafkajsAdmin = createKafkajsAdmin({ alias: targetAlias, settings: clients.targetAdmin, logger })
  const target = connect(targetAlias, clients.targetAdmin)
  const parts = {
    // Closed with the plug-ins, and the client of the target with it.
    targetAdmin: await plugins.targetAdmin(createTargetAdmin(kafkajsAdmin, target)),
    policy: await plugins.policy(),
    topicFilter: await plugins.topicFilter(options),
    configPropertyFilter: await plugins.configPropertyFilter(options)
  }
  const createSyncsTopic =
    offsetSyncs && (await offsetSyncsTopicCreation(offsetSyncs, settings, { ...parts, ...services, plugins, logger }))
  // After all that may fail: from here on there is a connection to close.
  const source = connect(sourceAlias, clients.sourceAdmin)
  const connector = new MirrorSourceConnector({
    ...parts,
    settings,
    source,
    target,
    describeSourceConfigs: (topics) => describeTopicConfigs(source, topics),
    describeTargetConfigs: (topics) => describeTopicConfigs(target, topics),
    describeSourceAcls: () => describeTopicAcls(source),
    describeTargetAcls: () => describeTopicAcls(target),
    createOffsetSyncsTopic:
      createSyncsTopic && (() => onceReachable(offsetSyncs.location === 'target' ? target : source, createSyncsTopic)),
    ...services,
    logger
  })
  return {
    start: (context) => connector.start(context),
    taskConfigs: (maxTasks) => connector.taskConfigs(maxTasks),
    stop: async () => {
      await connector.stop()
      await source.close()
    }
  }
}

/** A cluster that is away at the start is waited for: nobody would create the topic later. */
async function onceReachable(cluster: KafkaCluster, create: () => Promise<void>): Promise<void> {
  try {
    await cluster.ready()
  } catch {
    // The connector has stopped.
    return
  }
  await create()
}

/** By an admin of its own, whose client id is the reference's; it connects for the call. */
async function offsetSyncsTopicCreation(
  { alias, namedAfter, replicationFactor, admin: settings }: OffsetSyncSettings,
  { adminTimeoutMs: timeoutMs }: MirrorSourceSettings,
  parts: Pick<MirrorServices, 'clock'> & {
    readonly policy: ReplicationPolicy
    readonly plugins: MirrorPlugins
    readonly logger: Logger
  }
): Promise<() => Promise<void>> {
  const { policy, plugins, clock, logger } = parts
  const admin = await plugins.forwardingAdmin(createKafkajsAdmin({ alias, settings, logger }))
  const topic = policy.offsetSyncsTopic(namedAfter)
  return () => createInternalTopic({ topic, replicationFactor, timeoutMs }, { admin, clock, logger })
}

function createTask(
  config: TaskConfig,
  { connector, task, logger }: PluginServices,
  services: MirrorServices,
  memory: TaskMemory
): SourceTask {
  const read = readConnectorConfig(config, readMirrorSourceConfig)
  const { options, settings, clients } = read
  const properties = untraced(traced(Object.entries(config)))
  const number = Number(config[taskIndexKey] ?? task)
  const consumer = clients.consumer(number)
  const partitions = parseAssignedPartitions(config)
  const { loader } = services
  return loadedTask(new MirrorPlugins(properties, { loader, logger }), async (plugins) => {
    const policy = await plugins.policy()
    return new MirrorSourceTask({
      source: connectCluster({ alias: settings.sourceAlias, settings: consumer, ...services, logger }),
      sourceAlias: settings.sourceAlias,
      targetAlias: settings.targetAlias,
      policy,
      partitions,
      ...memory,
      gapPolicy: options['gap.policy'],
      metricTask: { connector, task: task ?? 0, formats: options['metric.names.formats'] },
      createLedger: (isLeaseHeld) => {
        const label = `${connector}-${number}`
        return createOffsetLedger(read, { policy, task: number, label, services, logger }, isLeaseHeld)
      },
      consumer,
      pollTimeoutMs: options['consumer.poll.timeout.ms'],
      budgetBytes: taskBudgetBytes,
      ...services,
      compressionType: services.producerCompression(properties),
      logger
    })
  })
}
