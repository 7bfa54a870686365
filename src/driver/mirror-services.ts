import { Findings } from '../config/findings.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { traced } from '../config/traced-properties.ts'
import { type MirrorMetrics } from '../mirror/metrics/mirror-metrics.ts'
import { OffsetMapTopics } from '../mirror/offset-map-topic.ts'
import { type MirrorServices } from '../mirror/mirror-services.ts'
import { type RouteConfig } from './route-config.ts'
import { type StoreServices } from './route-stores.ts'
import { taskProducerProperties, taskProducerSettings } from './worker-clients.ts'

/** What the connectors of a route get from the process. */
export function mirrorServices(
  config: RouteConfig,
  services: StoreServices & { readonly loader: PluginLoader; readonly mirrorMetrics: MirrorMetrics }
): MirrorServices {
  const { openConnection, reachability, metadataSharing, loader, mirrorMetrics, clock, random } = services
  return {
    openConnection,
    reachability,
    metadataSharing,
    loader,
    metrics: mirrorMetrics,
    offsetMapTopics: new OffsetMapTopics({ ...services, metrics: mirrorMetrics }),
    clock,
    random,
    producerCompression: (connector) => {
      const properties = taskProducerProperties(traced(config.workerProperties), traced(connector))
      return taskProducerSettings(config.target, properties, new Findings())?.compressionType ?? null
    }
  }
}
