import { type Clock } from '../base/clock.ts'
import { type Random } from '../base/random.ts'
import { type MetadataSharing } from '../client/metadata-sharing.ts'
import { type Reachability } from '../client/reachability.ts'
import { type CompressionType } from '../config/client-settings.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { type Properties } from '../config/traced-properties.ts'
import { type OpenConnection } from '../net/connection.ts'
import { type MirrorMetrics } from './metrics/mirror-metrics.ts'
import { type OffsetMapTopics } from './offset-map-topic.ts'

/** What the connectors of a route need of the process, beyond what the runtime hands to every plug-in. */
export interface MirrorServices {
  readonly openConnection: OpenConnection
  /** All clients of the route tell together when a cluster is away. */
  readonly reachability: Reachability
  readonly metadataSharing: MetadataSharing
  /** Loads the classes of one's own that configs name. */
  readonly loader: PluginLoader
  readonly metrics: MirrorMetrics
  /** The topics of the route's offset map that its connectors and tasks have open. */
  readonly offsetMapTopics: OffsetMapTopics
  readonly clock: Clock
  readonly random: Random
  /** Codec that the task's producer wants every batch in, by the connector's resolved config; null keeps the source's. */
  producerCompression(config: Properties): CompressionType | null
}
