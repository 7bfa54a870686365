import { createKafkajsAdmin } from '../../admin/kafkajs-admin.ts'
import { untraced } from '../../config/traced-properties.ts'
import { type SourceConnectorPlugin } from '../../connect/source-connector-plugin.ts'
import { constantOffsetCheck } from '../altered-offsets.ts'
import { configProblems, readConnectorConfig, tracedConfig } from '../connector-properties.ts'
import { loadedConnector, loadedTask } from '../loaded-part.ts'
import { emulatedVersion, heartbeatConnectorOptions as options } from '../mirror-options.ts'
import { MirrorPlugins } from '../mirror-plugins.ts'
import { type MirrorServices } from '../mirror-services.ts'
import { readMirrorHeartbeatConfig } from './mirror-heartbeat-config.ts'
import { MirrorHeartbeatConnector } from './mirror-heartbeat-connector.ts'
import { MirrorHeartbeatTask } from './mirror-heartbeat-task.ts'

/** MirrorHeartbeatConnector and its task, as the runtime makes them from stored configs. */
export function mirrorHeartbeatPlugin(services: MirrorServices): SourceConnectorPlugin {
  const { clock, loader } = services
  return {
    className: 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
    taskClassName: 'org.apache.kafka.connect.mirror.MirrorHeartbeatTask',
    type: 'source',
    version: emulatedVersion,
    createConnector: (stored, { logger }) => {
      const config = readConnectorConfig(stored, readMirrorHeartbeatConfig)
      const properties = untraced(tracedConfig(stored))
      return loadedConnector(new MirrorPlugins(properties, { loader, logger }), async (plugins) => {
        const kafkajsAdmin = createKafkajsAdmin({ alias: config.targetAlias, settings: config.targetAdmin, logger })
        const targetAdmin = await plugins.forwardingAdmin(kafkajsAdmin)
        const topic = (await plugins.policy()).heartbeatsTopic()
        return new MirrorHeartbeatConnector({
          config,
          topic,
          properties: Object.fromEntries(properties),
          targetAdmin,
          clock,
          logger
        })
      })
    },
    createTask: (stored, { logger }) => {
      const { sourceAlias, targetAlias, intervalMs } = readConnectorConfig(stored, readMirrorHeartbeatConfig)
      const properties = untraced(tracedConfig(stored))
      return loadedTask(new MirrorPlugins(properties, { loader, logger }), async (plugins) => {
        const topic = (await plugins.policy()).heartbeatsTopic()
        return new MirrorHeartbeatTask({ sourceAlias, targetAlias, topic, intervalMs: intervalMs ?? 1000, clock })
      })
    },
    validate: (config) => configProblems(config, readMirrorHeartbeatConfig, { options, loader }),
    checkOffset: constantOffsetCheck(['sourceClusterAlias', 'targetClusterAlias'])
  }
}
