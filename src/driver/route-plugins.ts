import { compileJavaPattern } from '../config/java-regex/java-pattern.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { type ConnectorConfig } from '../connect/connector-config.ts'
import { type RecordPluginLoader } from '../connect/pipeline/create-batch-pipeline.ts'
import { modulePlugins } from '../connect/plugins/module-plugins.ts'
import { PluginRegistry } from '../connect/plugins/plugin-registry.ts'
import { ConnectorValidation } from '../connect/validation/connector-validation.ts'
import { allowAllOverrides } from '../connect/worker/client-override-policy.ts'
import { resolveConfig } from '../connect/worker/resolve-config.ts'
import { emulatedVersion } from '../mirror/mirror-options.ts'
import { type MirrorServices } from '../mirror/mirror-services.ts'
import { builtInConnectors } from './built-in-connectors.ts'
import { type RouteConfig } from './route-config.ts'

/** The classes that a route's configs may name, and what checks such configs. */
export interface RoutePlugins {
  readonly registry: PluginRegistry
  /** Transformations, predicates and converters that are not built in. */
  readonly records: RecordPluginLoader
  readonly validation: ConnectorValidation
  /** The worker's properties, in the form of a config. */
  readonly workerConfig: ConnectorConfig
}

export function routePlugins(config: RouteConfig, services: MirrorServices, loader: PluginLoader): RoutePlugins {
  const registry = new PluginRegistry(builtInConnectors(services), emulatedVersion, loader)
  const records = modulePlugins(loader)
  const workerConfig = Object.fromEntries(config.workerProperties)
  const validation = new ConnectorValidation({
    registry,
    loader: records,
    workerConfig,
    // The dedicated mode of the reference allows every override, whatever the file says.
    overridePolicy: allowAllOverrides,
    resolve: (connector) => resolveConfig(connector, config.configProviders),
    compilePattern: compileJavaPattern
  })
  return { registry, records, validation, workerConfig }
}
