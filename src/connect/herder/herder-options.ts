import { type BackoffOptions } from '../../base/backoff.ts'
import { type Clock } from '../../base/clock.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type ConnectorConfig } from '../connector-config.ts'
import { type WorkerGroup, type WorkerGroupCallbacks } from '../group/worker-group.ts'
import { type RebalanceObserver } from '../metrics/group-observers.ts'
import { type ConfigProblem, type PluginDescription, type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type ConfigStore } from '../storage/config-store.ts'
import { type StatusStore } from '../storage/status-store.ts'
import { type Worker, type WorkerListener } from '../worker/worker.ts'
import { type WorkerSettings } from '../worker-options.ts'
import { type ConnectorOffset } from './herder.ts'

/** What the herder itself asks of the offsets topic. */
export interface ConnectorOffsets {
  /** Creates or opens the topic and reads it whole. Waits for an absent cluster. Throws MIRROR_INTERNAL_TOPIC. */
  load(): Promise<void>
  close(): void
  /** Reads to the end, then all that is stored for a connector. */
  connectorOffsets(connector: string): Promise<readonly ConnectorOffset[]>
  /** Resolves when every entry is acknowledged; an offset of null forgets the partition. */
  alter(connector: string, offsets: readonly ConnectorOffset[]): Promise<void>
  /** What is not acknowledged is not written any more. */
  dropWrites(): Promise<void>
}

export interface PluginLookup {
  /** By class name or alias. */
  findConnector(className: string): SourceConnectorPlugin | undefined
  descriptions(): readonly PluginDescription[]
}

/**
 * Hands task configs to the leader's internal REST endpoint. Rejects with a RequestError of kind `forbidden` when the
 * signature was refused, with any other error when they did not get there.
 */
export type SubmitTaskConfigs = (
  leaderUrl: string,
  connector: string,
  configs: readonly ConnectorConfig[]
) => Promise<void>

export type HerderSettings = Pick<
  WorkerSettings,
  | 'rebalance.timeout.ms'
  | 'scheduled.rebalance.max.delay.ms'
  | 'worker.sync.timeout.ms'
  | 'worker.unsync.backoff.ms'
  | 'topic.tracking.enable'
  | 'topic.tracking.allow.reset'
  | 'inter.worker.key.generation.algorithm'
  | 'inter.worker.key.size'
  | 'inter.worker.key.ttl.ms'
  | 'inter.worker.verification.algorithms'
>

export interface DistributedHerderOptions {
  /** Not started yet; the herder starts and closes them. */
  readonly stores: { readonly config: ConfigStore; readonly status: StatusStore; readonly offsets: ConnectorOffsets }
  /** Called once, by the constructor; must not call back before `ensureMember`. */
  readonly createGroup: (callbacks: WorkerGroupCallbacks) => WorkerGroup
  /** Called once, by the constructor. */
  readonly createWorker: (listener: WorkerListener) => Worker
  readonly plugins: PluginLookup
  readonly settings: HerderSettings
  /** Of the target; null where the brokers tell none. */
  readonly kafkaClusterId: () => string | null
  /** Problems of a connector config; empty when it can be written. */
  readonly validate: (config: ConnectorConfig) => Promise<readonly ConfigProblem[]>
  /** Undefined while internal REST is off. */
  readonly submitTaskConfigs: SubmitTaskConfigs | undefined
  /**
   * Runs, beside the loop, after each rebalance that made this worker the leader (spec 0.2): the place to put the connector
   * configs that must be there. What it throws is logged, and it is run again later while this worker leads.
   */
  readonly onLeadership: () => Promise<void>
  /** Default: nobody. */
  readonly rebalanceObserver?: RebalanceObserver
  /** A level of `scope=cluster` was written by some worker. */
  readonly onLoggerLevel: (logger: string, level: string) => void
  /** Pauses before a FAILED connector or task is started again by itself. Default from 5 s to 5 min; null: never. */
  readonly restartBackoff?: BackoffOptions | null
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}
