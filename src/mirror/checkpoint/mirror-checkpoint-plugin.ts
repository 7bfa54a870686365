import { createKafkajsAdmin } from '../../admin/kafkajs-admin.ts'
import { type Logger } from '../../base/logger.ts'
import { connectCluster, type KafkaCluster } from '../../client/kafka-cluster.ts'
import { type ClientSettings } from '../../config/client-settings.ts'
import { untraced } from '../../config/traced-properties.ts'
import { type ConnectorConfig } from '../../connect/connector-config.ts'
import { type PluginServices, type SourceConnectorPlugin } from '../../connect/source-connector-plugin.ts'
import { type SourceConnector, type TaskConfig } from '../../connect/source-connector.ts'
import { type SourceTask } from '../../connect/source-task.ts'
import { PositionTranslator } from '../../mirror-client/position-translator.ts'
import { offsetMapTopic, type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { constantOffsetCheck } from '../altered-offsets.ts'
import { configProblems, readConnectorConfig, tracedConfig } from '../connector-properties.ts'
import { loadedConnector, loadedTask } from '../loaded-part.ts'
import { checkpointConnectorOptions, emulatedVersion } from '../mirror-options.ts'
import { MirrorPlugins } from '../mirror-plugins.ts'
import { type MirrorServices } from '../mirror-services.ts'
import { taskIndexKey } from '../source/task-assignment.ts'
import { CheckpointInputs } from './checkpoint-inputs.ts'
import { CheckpointStore } from './checkpoint-store.ts'
import { CheckpointTranslation } from './checkpoint-translation.ts'
import { parseAssignedGroups } from './group-assignment.ts'
import { GroupDiscovery } from './group-discovery.ts'
import { GroupOffsetSync } from './group-offset-sync.ts'
import { type MirrorCheckpointConfig, readMirrorCheckpointConfig } from './mirror-checkpoint-config.ts'
import { MirrorCheckpointConnector } from './mirror-checkpoint-connector.ts'
import { MirrorCheckpointTask } from './mirror-checkpoint-task.ts'
import { TargetTopics } from './target-topics.ts'

/** MirrorCheckpointConnector and its task, as the runtime makes them from stored configs. */
export function mirrorCheckpointPlugin(services: MirrorServices): SourceConnectorPlugin {
  return {
    className: 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector',
    taskClassName: 'org.apache.kafka.connect.mirror.MirrorCheckpointTask',
    type: 'source',
    version: emulatedVersion,
    createConnector: (config, { logger }) => createConnector(config, logger, services),
    createTask: (config, plugin) => createTask(config, plugin, services),
    validate: (config) =>
      configProblems(config, readMirrorCheckpointConfig, {
        options: checkpointConnectorOptions,
        loader: services.loader
      }),
    checkOffset: constantOffsetCheck(['group', 'topic'], ['partition'])
  }
}

function createConnector(stored: ConnectorConfig, logger: Logger, services: MirrorServices): SourceConnector {
  const config = readConnectorConfig(stored, readMirrorCheckpointConfig)
  const { loader } = services
  return loadedConnector(new MirrorPlugins(untraced(tracedConfig(stored)), { loader, logger }), (plugins) =>
    makeConnector(config, plugins, { ...services, logger })
  )
}

type Tools = MirrorServices & { readonly logger: Logger }

async function makeConnector(
  { options, settings, clients }: MirrorCheckpointConfig,
  plugins: MirrorPlugins,
  tools: Tools
): Promise<SourceConnector> {
  const { sourceAlias, targetAlias } = settings
  const { logger } = tools
  const adminSettings = clients.targetAdmin(null)
  const kafkajsAdmin = createKafkajsAdmin({ alias: targetAlias, settings: adminSettings, logger })
  const targetAdmin = await plugins.forwardingAdmin(kafkajsAdmin)
  const topic = (await plugins.policy()).checkpointsTopic(sourceAlias)
  const filters = {
    groupFilter: await plugins.groupFilter(options),
    topicFilter: await plugins.topicFilter(options)
  }
  // After all that may fail: from here on there are connections to close.
  const source = connectCluster({ alias: sourceAlias, settings: clients.sourceAdmin(null), ...tools })
  const discovery = new GroupDiscovery({ ...filters, source, route: `${sourceAlias}->${targetAlias}`, logger })
  const connector = new MirrorCheckpointConnector({ ...tools, settings, topic, targetAdmin, discovery, source })
  return {
    start: (context) => connector.start(context),
    taskConfigs: (maxTasks) => connector.taskConfigs(maxTasks),
    stop: async () => {
      await connector.stop()
      await source.close()
    }
  }
}

function createTask(
  stored: TaskConfig,
  { connector, task, logger }: PluginServices,
  services: MirrorServices
): SourceTask {
  const config = readConnectorConfig(stored, readMirrorCheckpointConfig)
  const groups = parseAssignedGroups(stored)
  const { loader } = services
  const number = Number(stored[taskIndexKey] ?? task)
  return loadedTask(new MirrorPlugins(untraced(tracedConfig(stored)), { loader, logger }), (plugins) =>
    makeTask(config, { connector, number, groups }, plugins, { ...services, logger })
  )
}

interface TaskIdentity {
  readonly connector: string
  readonly number: number
  readonly groups: readonly string[]
}

async function makeTask(
  config: MirrorCheckpointConfig,
  { connector, number, groups }: TaskIdentity,
  plugins: MirrorPlugins,
  tools: Tools
): Promise<SourceTask> {
  const { options, settings } = config
  const { sourceAlias, targetAlias } = settings
  const { logger, clock } = tools
  const policy = await plugins.policy()
  const topicFilter = await plugins.topicFilter(options)
  const topic = policy.checkpointsTopic(sourceAlias)
  const route = `${sourceAlias}->${targetAlias}`
  const clusters = connectClusters(config, number, tools)
  const { source, target } = clusters
  const store = new CheckpointStore(groups)
  const inputs = new CheckpointInputs({
    checkpoints: { cluster: clusters.checkpoints, topic },
    offsetSyncs: { cluster: clusters.offsetSyncs, topic: policy.offsetSyncsTopic(settings.offsetSyncs.namedAfter) },
    ...{ store, route, clock, logger }
  })
  const offsetMap = acquireOffsetMap(config, policy, tools)
  const targetTopics = new TargetTopics({ sourceAlias, targetAlias, policy, target })
  const translator = new PositionTranslator({
    map: offsetMap?.map,
    get syncs() {
      return inputs.syncs
    },
    isReplaced: (name, id) => targetTopics.isReplaced(name, id)
  })
  const observer = tools.metrics.checkpointTask({ connector, task: number, formats: options['metric.names.formats'] })
  const parts = { ...tools, route, store, targetTopics, observer }
  return new MirrorCheckpointTask({
    ...parts,
    groups,
    topic,
    emitIntervalMs: settings.emitIntervalMs ?? Infinity,
    syncGroupOffsetsIntervalMs: settings.syncGroupOffsetsIntervalMs,
    pollTimeoutMs: settings.pollTimeoutMs,
    adminTimeoutMs: settings.adminTimeoutMs,
    source,
    target,
    inputs,
    translation: new CheckpointTranslation({ ...parts, topicFilter, translator }),
    groupSync: new GroupOffsetSync({ ...parts, target }),
    offsetMap,
    close: async () => {
      await Promise.all(Object.values(clusters).map((cluster) => cluster.close()))
      if (offsetMap !== undefined) await tools.offsetMapTopics.release(offsetMap)
    }
  })
}

function connectClusters(
  { settings, clients }: MirrorCheckpointConfig,
  task: number,
  tools: Tools
): Record<'source' | 'target' | 'checkpoints' | 'offsetSyncs', KafkaCluster> {
  const { sourceAlias, targetAlias, offsetSyncs } = settings
  const connect = (alias: string, client: ClientSettings): KafkaCluster =>
    connectCluster({ alias, settings: client, ...tools })
  return {
    source: connect(sourceAlias, clients.sourceAdmin(task)),
    target: connect(targetAlias, clients.targetAdmin(task)),
    checkpoints: connect(targetAlias, clients.checkpointsConsumer(task)),
    offsetSyncs: connect(offsetSyncs.alias, clients.offsetSyncsConsumer(task))
  }
}

function acquireOffsetMap({ settings, offsetMap }: MirrorCheckpointConfig, policy: ReplicationPolicy, tools: Tools) {
  if (offsetMap === null) return undefined
  return tools.offsetMapTopics.acquire(offsetMapTopic(policy, settings.sourceAlias), offsetMap)
}
