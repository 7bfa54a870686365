import { type SourceConnectorPlugin } from '../connect/plugin-registry.ts'
import { mirrorCheckpointPlugin } from '../mirror/checkpoint/mirror-checkpoint-plugin.ts'
import { mirrorHeartbeatPlugin } from '../mirror/heartbeat/mirror-heartbeat-plugin.ts'
import { type MirrorServices } from '../mirror/mirror-services.ts'
import { mirrorSourcePlugin } from '../mirror/source/mirror-source-plugin.ts'

/** The connectors that a route knows by the reference's class names. */
export function builtInConnectors(services: MirrorServices): readonly SourceConnectorPlugin[] {
  return [mirrorSourcePlugin(services), mirrorHeartbeatPlugin(services), mirrorCheckpointPlugin(services)]
}
