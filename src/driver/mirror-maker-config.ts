import { ConfigError } from '../config/config-error.ts'
import { ConfigProviders, type Environment, type LoadedConfigProviders } from '../config/config-providers.ts'
import { bootstrapServersOption } from '../config/client-options.ts'
import { Findings } from '../config/findings.ts'
import { parseOptions } from '../config/parse-options.ts'
import { traced, untraced, type Properties, type TracedProperties } from '../config/traced-properties.ts'
import { connectorOptions } from '../connect/connector-options.ts'
import { pipelineProblems } from '../connect/pipeline/create-batch-pipeline.ts'
import { type RestExtension } from '../connect/rest-extension.ts'
import { storageTopicSettings, workerOptions } from '../connect/worker-options.ts'
import { readMirrorCheckpointConfig } from '../mirror/checkpoint/mirror-checkpoint-config.ts'
import { readMirrorHeartbeatConfig } from '../mirror/heartbeat/mirror-heartbeat-config.ts'
import { renameOldKeys } from '../mirror/connector-properties.ts'
import { type SpellAbsent } from '../mirror/mirror-clients.ts'
import { readMirrorSourceConfig } from '../mirror/source/mirror-source-config.ts'
import { loadRestExtensions } from '../rest/load-rest-extensions.ts'
import { restSettings } from '../rest/rest-settings.ts'
import { readConfigFile } from './config-file.ts'
import { driverOptions } from './driver-options.ts'
import { reviewKeys } from './key-warnings.ts'
import { type ConfigInput, type ConnectorName, type MirrorMakerConfig, type RouteConfig } from './route-config.ts'
import { warnOfOppositeRoutes } from './opposite-routes.ts'
import { routePairs, type RoutePair } from './route-pairs.ts'
import { clusterProperties, connectorProperties, workerProperties } from './route-properties.ts'
import { taskProducerProperties, taskProducerSettings, workerClients } from './worker-clients.ts'

/**
 * Reads the file and resolves everything it says about every route.
 * @throws MirrorError MIRROR_CONFIG_UNREADABLE, or ConfigError with every problem there is
 */
export async function loadMirrorMakerConfig(input: ConfigInput): Promise<MirrorMakerConfig> {
  const findings = new Findings()
  const { properties, loader, loadedProviders } = await readConfigFile(input.path, findings)
  const restExtensions = await loadRestExtensions(properties.get('rest.api.extensions') ?? '', loader, findings)
  return resolveMirrorMakerConfig(properties, { ...input, loadedProviders, restExtensions }, findings)
}

export interface ConfigSelection extends Pick<ConfigInput, 'clusters'> {
  readonly env: Environment
  /** Config providers of ES modules that the properties name. Default: none. */
  readonly loadedProviders?: LoadedConfigProviders
  /** Default: none. */
  readonly restExtensions?: readonly RestExtension[]
}

/**
 * The same for properties that are already read.
 * @throws ConfigError
 */
export function resolveMirrorMakerConfig(
  properties: Properties,
  selection: ConfigSelection,
  findings = new Findings()
): MirrorMakerConfig {
  const file = traced(properties)
  const declared = (declaring: TracedProperties): ConfigProviders =>
    ConfigProviders.declaredIn(declaring, selection.env, findings, selection.loadedProviders)
  const providers = declared(file)
  const resolvedFile = providers.resolve(file, findings)
  const driver = parseOptions(driverOptions, resolvedFile, findings)
  // Without aliases no key can be told from another: nothing more can be said about the file.
  if (driver === null) throw new ConfigError(findings.problems)
  const { clusters } = driver
  const { restExtensions = [] } = selection
  reviewKeys(properties, clusters, findings)
  reportClusters(resolvedFile, clusters, selection.clusters, findings)
  // A selection that is wrong anyway must not hide what is wrong with the routes.
  const selectsAll = selection.clusters.length === 0 || selection.clusters.some((alias) => !clusters.includes(alias))
  const allPairs = routePairs(resolvedFile, clusters, findings)
  const pairs = allPairs.filter(({ target }) => selectsAll || selection.clusters.includes(target))
  if (pairs.length === 0 && findings.problems.length === 0) {
    findings.problem(
      'A->B.enabled',
      null,
      `at least one route between ${clusters.join(', ')} that is enabled and selected`
    )
  }
  const resolve = (unresolved: TracedProperties): TracedProperties => providers.resolve(unresolved, findings)
  const routes = pairs.map((pair) => routeConfig({ file, pair, resolve, declared }, findings))
  const complete = routes.filter((route) => route !== null)
  warnOfOppositeRoutes(complete, allPairs, findings)
  if (findings.problems.length > 0) throw new ConfigError(findings.problems)
  return {
    clusters,
    routes: complete,
    rest: restSettings(driver),
    hasPartitionSeries: driver['metrics.partition.series.enabled'],
    restExtensions,
    warnings: findings.warnings
  }
}

function reportClusters(
  file: TracedProperties,
  clusters: readonly string[],
  selected: readonly string[],
  findings: Findings
): void {
  for (const alias of clusters) {
    parseOptions(
      { 'bootstrap.servers': bootstrapServersOption },
      clusterProperties(file, alias),
      findings,
      (key) => `${alias}.${key}`
    )
  }
  for (const alias of selected) {
    if (!clusters.includes(alias)) findings.problem('--clusters', alias, `one of ${clusters.join(', ')}`)
  }
}

/** Transforms, predicates and converters, by the keys of the file. */
function reportPipeline(connector: TracedProperties, worker: TracedProperties, findings: Findings): void {
  const problems = pipelineProblems(Object.fromEntries(untraced(connector)), Object.fromEntries(untraced(worker)))
  for (const { key, value, expected } of problems) {
    const traced = connector.get(key) ?? worker.get(key)
    findings.problem(traced?.origin ?? key, traced?.raw ?? value, expected)
  }
}

interface RouteRequest {
  readonly file: TracedProperties
  readonly pair: RoutePair
  readonly resolve: (properties: TracedProperties) => TracedProperties
  /** The config providers that properties declare. */
  readonly declared: (properties: TracedProperties) => ConfigProviders
}

function routeConfig({ file, pair, resolve, declared }: RouteRequest, findings: Findings): RouteConfig | null {
  const { source, target, emitHeartbeats } = pair
  const workerMap = workerProperties(file, source, target, resolve)
  const worker = parseOptions(workerOptions, workerMap, findings)
  const clients = workerClients(target, workerMap, findings)
  // The worker resolves connector configs, by the providers of its own config.
  const configProviders = declared(workerMap)
  const stored = new Map<ConnectorName, Properties>()
  const resolved = (name: ConnectorName): TracedProperties => {
    const unresolved = renameOldKeys(connectorProperties(file, source, target, name), findings)
    stored.set(name, untraced(unresolved))
    const properties = configProviders.resolve(unresolved, findings)
    parseOptions(connectorOptions, properties, findings)
    taskProducerSettings(target, taskProducerProperties(workerMap, properties), findings)
    reportPipeline(properties, workerMap, findings)
    return properties
  }
  const absent: SpellAbsent = (side, key) => `${pair[side]}.${key}`
  const mirrorSource = readMirrorSourceConfig(resolved('MirrorSourceConnector'), findings, absent)
  readMirrorHeartbeatConfig(resolved('MirrorHeartbeatConnector'), findings, absent)
  readMirrorCheckpointConfig(resolved('MirrorCheckpointConnector'), findings, absent)
  if (worker === null || clients === null || mirrorSource === null) return null
  const workerTexts = untraced(workerMap)
  return {
    source,
    target,
    enabled: mirrorSource.settings.enabled,
    emitHeartbeats,
    worker,
    workerProperties: workerTexts,
    connectorProperties: stored,
    configProviders,
    clients,
    storageTopicSettings: {
      config: storageTopicSettings(workerTexts, 'config.storage'),
      offset: storageTopicSettings(workerTexts, 'offset.storage'),
      status: storageTopicSettings(workerTexts, 'status.storage')
    }
  }
}
