import { type ConnectorRegistration } from '../connect/plugins/plugin-registry.ts'
import { mirrorCheckpointPlugin } from '../mirror/checkpoint/mirror-checkpoint-plugin.ts'
import { mirrorHeartbeatPlugin } from '../mirror/heartbeat/mirror-heartbeat-plugin.ts'
import {
  checkpointConnectorOptions,
  heartbeatConnectorOptions,
  sourceConnectorOptions
} from '../mirror/mirror-options.ts'
import { type MirrorServices } from '../mirror/mirror-services.ts'
import { mirrorSourcePlugin } from '../mirror/source/mirror-source-plugin.ts'

/** The connectors that a route knows by the reference's class names. */
export function builtInConnectors(services: MirrorServices): readonly ConnectorRegistration[] {
  return [
    { plugin: mirrorSourcePlugin(services), options: sourceConnectorOptions },
    { plugin: mirrorHeartbeatPlugin(services), options: heartbeatConnectorOptions },
    { plugin: mirrorCheckpointPlugin(services), options: checkpointConnectorOptions }
  ]
}
