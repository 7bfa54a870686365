import { type Clock } from '../../base/clock.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import {
  type Converter,
  type HeaderConverter,
  type PluginClass,
  type Predicate,
  type Transformation
} from '../data/plugin-interfaces.ts'
import { type BatchPipeline } from './batch-pipeline.ts'
import { type ErrorObserver } from './error-observer.ts'

/** Finds classes that are not built in: `./my-transform.js#MyTransform`. Reject with MirrorError MIRROR_PLUGIN. */
export interface RecordPluginLoader {
  transformation(className: string): Promise<PluginClass<Transformation>>
  predicate(className: string): Promise<PluginClass<Predicate>>
  converter(className: string): Promise<PluginClass<Converter>>
  headerConverter(className: string): Promise<PluginClass<HeaderConverter>>
}

export interface BatchPipelineOptions {
  /** The worker's properties: its converters stand in where the connector names none. */
  readonly workerConfig: ConnectorConfig
  readonly loader: RecordPluginLoader
  /** For log lines: `<connector>-<task number>`. */
  readonly taskId: string
  readonly observer: ErrorObserver
  /** Aborted when the task shall stop: ends waits between retries, and the record that waits is skipped. */
  readonly stopping: AbortSignal
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * The pipeline of a task, from its connector's config with placeholders resolved. Null when batches pass as they are: no
 * transforms, and ByteArrayConverter for keys, values and headers. Rejects with ConfigError or MirrorError MIRROR_PLUGIN.
 */
export async function createBatchPipeline(
  config: ConnectorConfig,
  options: BatchPipelineOptions
): Promise<BatchPipeline | null> {
  await Promise.resolve([config, options])
  return null
}
