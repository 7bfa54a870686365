import { dirname } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type LoggerLevels } from '../base/logger-levels.ts'
import { systemRandom } from '../base/random.ts'
import { describeWarning } from '../config/config-error.ts'
import { PluginLoader } from '../config/plugin-loader.ts'
import { MetricRegistry } from '../metrics/metric-registry.ts'
import { PrometheusExporter } from '../metrics/prometheus-exporter.ts'
import { openConnection } from '../net/open-connection.ts'
import { MirrorMaker } from './mirror-maker.ts'
import { loadMirrorMakerConfig } from './mirror-maker-config.ts'
import { createProcessRest } from './process-rest.ts'
import { type ConfigInput } from './route-config.ts'

export interface MirrorMakerOptions extends ConfigInput {
  readonly logger: Logger
  /** Of the logger, for the REST API to show and to change. */
  readonly logLevels?: LoggerLevels
}

/**
 * Reads the configuration and makes ready what it asks for; nothing connects or listens before `start`.
 * @throws MirrorError MIRROR_CONFIG_UNREADABLE, or ConfigError with every problem there is
 */
export async function createMirrorMaker(options: MirrorMakerOptions): Promise<MirrorMaker> {
  const { logger } = options
  const config = await loadMirrorMakerConfig(options)
  for (const warning of config.warnings) logger.warn({ key: warning.key }, describeWarning(warning))
  const enabled = config.routes.filter((route) => route.enabled).map(({ source, target }) => `${source}->${target}`)
  const first = config.clusters.slice(0, 2).join('->')
  if (enabled.length > 0) logger.info({ routes: enabled }, `Mirroring ${enabled.join(', ')}`)
  else logger.warn({}, `No route is enabled, so nothing is mirrored: set ${first}.enabled = true for a route`)
  const services = { clock: systemClock, logger }
  const worker = config.routes[0]?.worker
  const metrics = new MetricRegistry({
    clock: systemClock,
    hasPartitionSeries: config.hasPartitionSeries,
    ...(worker === undefined
      ? {}
      : { samples: worker['metrics.num.samples'], windowMs: worker['metrics.sample.window.ms'] })
  })
  const exporter = new PrometheusExporter(metrics)
  const { restExtensions: extensions } = config
  const rest = createProcessRest(config.rest, {
    logLevels: options.logLevels,
    metrics: exporter,
    extensions,
    ...services
  })
  const loader = new PluginLoader(dirname(options.path))
  return new MirrorMaker(config.routes, {
    openConnection,
    random: systemRandom,
    rest,
    metrics,
    loader,
    ...services
  })
}
