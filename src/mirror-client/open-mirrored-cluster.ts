import { systemClock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import { PluginLoader } from '../config/plugin-loader.ts'
import { openConnection } from '../net/open-connection.ts'
import { MirroredCluster } from './mirrored-cluster.ts'
import { type MirrorClientConfig, readMirrorClientConfig } from './mirror-client-config.ts'
import { completePolicy, type CustomReplicationPolicy } from './replication-policy.ts'
import { makeReplicationPolicy } from './replication-policy-class.ts'
import { TargetCluster } from './target-cluster.ts'

export interface MirrorClientOptions {
  /** An object of one's own instead of `replication.policy.class`. */
  readonly replicationPolicy?: CustomReplicationPolicy
  /** Default: nothing is logged. */
  readonly logger?: Logger
}

/** Starts connecting. @throws ConfigError, PluginError */
export async function openMirroredCluster(
  config: MirrorClientConfig,
  { logger = silentLogger, replicationPolicy }: MirrorClientOptions
): Promise<MirroredCluster> {
  // Relative paths of plug-ins begin at the application's working directory.
  const loader = new PluginLoader('.')
  const settings = await readMirrorClientConfig(config, loader)
  const policy =
    replicationPolicy === undefined
      ? await makeReplicationPolicy(settings.policy, { loader, logger })
      : completePolicy(replicationPolicy)
  const services = { openConnection, clock: systemClock, random: systemRandom, logger }
  return new MirroredCluster({ cluster: new TargetCluster(settings, services), policy, logger })
}
