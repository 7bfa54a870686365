import { type Clock } from '../../base/clock.ts'
import { type Logger } from '../../base/logger.ts'
import { type RawProducer } from '../../client/raw-producer.ts'
import { type ConfigProviders } from '../../config/config-providers.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type BatchPipeline } from '../pipeline/batch-pipeline.ts'
import { type ErrorObserver } from '../pipeline/error-observer.ts'
import { type PluginServices, type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type OffsetStore } from '../storage/offset-store.ts'
import { type StatusStore } from '../storage/status-store.ts'
import { type WorkerSettings } from '../worker-options.ts'
import { type ClientOverridePolicy } from './client-override-policy.ts'
import { type CompilePattern, type CreateTopic } from './topic-creation.ts'
import { type WorkerListener } from './worker.ts'
import { type WorkerObserver } from './worker-observer.ts'

export interface TaskProducerRequest {
  readonly id: ConnectorTaskId
  /** Producer properties without a prefix, resolved, `client.id` among them (spec 4.3). */
  readonly properties: ReadonlyMap<string, string>
  /** To be looked at right before a request is written: what is queued in the producer must not go out without the lease. */
  readonly isLeaseHeld: () => boolean
}

export interface TaskProducer {
  readonly producer: RawProducer
  /** Ends what the producer stands on; called once, after `producer.close`. */
  close(): Promise<void>
}

export interface PipelineServices extends PluginServices {
  readonly observer: ErrorObserver
  /** Aborted when the task is to stop. */
  readonly stopping: AbortSignal
}

/**
 * Makes what stands between poll and producer; null when nothing is configured. `config` is the connector's, resolved.
 * Throws ConfigError or MIRROR_PLUGIN: the task is FAILED then.
 */
export type CreatePipeline = (
  config: ConnectorConfig,
  services: PipelineServices
) => Promise<BatchPipeline | null> | null

export interface ConnectWorkerOptions {
  readonly workerId: string
  readonly settings: Pick<
    WorkerSettings,
    | 'offset.flush.interval.ms'
    | 'offset.flush.timeout.ms'
    | 'task.shutdown.graceful.timeout.ms'
    | 'topic.tracking.enable'
    | 'topic.creation.enable'
  >
  /** Of the worker, resolved: `producer.*` and `bootstrap.servers` reach the producers of tasks. */
  readonly workerProperties: ReadonlyMap<string, string>
  /** By class name, or whatever else the config topic may call it; undefined when there is none. */
  readonly findConnector: (className: string) => SourceConnectorPlugin | undefined
  /** What built-in converters say of themselves: `key.converter.plugin.version` is held against it. */
  readonly builtInVersion: string
  readonly configProviders: ConfigProviders
  readonly overridePolicy: ClientOverridePolicy
  readonly offsetStore: Pick<OffsetStore, 'get' | 'put'>
  readonly statusStore: Pick<StatusStore, 'putConnector' | 'putTask' | 'putTopic'>
  readonly createProducer: (request: TaskProducerRequest) => TaskProducer
  readonly createPipeline: CreatePipeline
  /** Asked only where the connector has `topic.creation.` keys. */
  readonly createTopic: CreateTopic
  readonly compilePattern: CompilePattern
  readonly listener: WorkerListener
  /** Default: nobody. */
  readonly observer?: WorkerObserver
  readonly clock: Clock
  readonly logger: Logger
}
