import { ConfigError } from '../config/config-error.ts'
import { ConfigProviders, type Environment } from '../config/config-providers.ts'
import { Findings } from '../config/findings.ts'
import { parseOptions } from '../config/parse-options.ts'
import { traced, type TracedProperties, untraced } from '../config/traced-properties.ts'
import { type Logger } from '../base/logger.ts'
import { mirrorClientSettings, type MirrorClientSettings } from '../mirror-client/mirror-client-config.ts'
import { type ReplicationPolicy } from '../mirror-client/replication-policy.ts'
import { makeReplicationPolicy } from '../mirror-client/replication-policy-class.ts'
import { sourceConnectorOptions } from '../mirror/mirror-options.ts'
import { readConfigFile } from './config-file.ts'
import { driverOptions } from './driver-options.ts'
import { type Route } from './mm2-command-line.ts'
import { clusterProperties, connectorProperties } from './route-properties.ts'

const location = 'offset-syncs.topic.location'

/** What the file says about a route, as far as it takes to look at it from outside. */
export interface RouteView extends Route {
  readonly policy: ReplicationPolicy
  readonly sourceClient: MirrorClientSettings
  readonly targetClient: MirrorClientSettings
  /** Which cluster holds the offset syncs. */
  readonly offsetSyncsLocation: 'source' | 'target'
}

interface RouteViewInput {
  readonly path: string
  readonly route: Route
  readonly env: Environment
  readonly logger: Logger
}

/** @throws MirrorError MIRROR_CONFIG_UNREADABLE, MIRROR_PLUGIN, or ConfigError with every problem of the two clusters */
export async function readRouteView({ path, route, env, logger }: RouteViewInput): Promise<RouteView> {
  const findings = new Findings()
  const { properties, loader, loadedProviders } = await readConfigFile(path, findings)
  const file = traced(properties)
  const providers = ConfigProviders.declaredIn(file, env, findings, loadedProviders)
  const resolve = (unresolved: TracedProperties): TracedProperties => providers.resolve(unresolved, findings)
  const clusters = parseOptions({ clusters: driverOptions.clusters }, resolve(file), findings)?.clusters ?? []
  const { source, target } = route
  for (const alias of new Set([source, target])) {
    if (!clusters.includes(alias)) findings.problem('--route', alias, `one of ${clusters.join(', ')}`)
  }
  // The file's own keys stand below those of the cluster (spec 1.9), so that a policy or provider is found there.
  const client = (alias: string): MirrorClientSettings | null =>
    mirrorClientSettings(
      resolve(new Map([...file, ...clusterProperties(file, alias)])),
      findings,
      (key) => `${alias}.${key}`
    )
  const [sourceClient, targetClient] = [client(source), client(target)]
  const connector = resolve(connectorProperties(file, source, target, 'MirrorSourceConnector'))
  const syncs = parseOptions({ [location]: sourceConnectorOptions[location] }, connector, findings)
  if (sourceClient === null || targetClient === null || syncs === null || findings.problems.length > 0) {
    throw new ConfigError(findings.problems)
  }
  const policy = await makeReplicationPolicy(Object.fromEntries(untraced(connector)), { loader, logger })
  return { source, target, policy, sourceClient, targetClient, offsetSyncsLocation: syncs[location] }
}
