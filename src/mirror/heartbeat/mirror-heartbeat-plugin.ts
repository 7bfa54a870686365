import { createKafkajsAdmin } from '../../admin/kafkajs-admin.ts'
import { untraced } from '../../config/traced-properties.ts'
import { type SourceConnectorPlugin } from '../../connect/plugin-registry.ts'
import { constantOffsetCheck } from '../altered-offsets.ts'
import { configProblems, readConnectorConfig, tracedConfig } from '../connector-properties.ts'
import { emulatedVersion } from '../mirror-options.ts'
import { type MirrorServices } from '../mirror-services.ts'
import { replicationPolicy } from '../route-policy.ts'
import { readMirrorHeartbeatConfig } from './mirror-heartbeat-config.ts'
import { MirrorHeartbeatConnector } from './mirror-heartbeat-connector.ts'
import { MirrorHeartbeatTask } from './mirror-heartbeat-task.ts'

/** MirrorHeartbeatConnector and its task, as the runtime makes them from stored configs. */
export function mirrorHeartbeatPlugin(services: MirrorServices): SourceConnectorPlugin {
  const { clock } = services
  return {
    className: 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
    taskClassName: 'org.apache.kafka.connect.mirror.MirrorHeartbeatTask',
    type: 'source',
    version: emulatedVersion,
    createConnector: (stored, { logger }) => {
      const config = readConnectorConfig(stored, readMirrorHeartbeatConfig)
      const properties = untraced(tracedConfig(stored))
      return new MirrorHeartbeatConnector({
        config,
        topic: replicationPolicy(properties, logger).heartbeatsTopic(),
        properties: Object.fromEntries(properties),
        targetAdmin: createKafkajsAdmin({ alias: config.targetAlias, settings: config.targetAdmin, logger }),
        clock,
        logger
      })
    },
    createTask: (stored, { logger }) => {
      const { sourceAlias, targetAlias, intervalMs } = readConnectorConfig(stored, readMirrorHeartbeatConfig)
      const topic = replicationPolicy(untraced(tracedConfig(stored)), logger).heartbeatsTopic()
      return new MirrorHeartbeatTask({ sourceAlias, targetAlias, topic, intervalMs: intervalMs ?? 1000, clock })
    },
    validate: (config) => configProblems(config, readMirrorHeartbeatConfig),
    checkOffset: constantOffsetCheck(['sourceClusterAlias', 'targetClusterAlias'])
  }
}
