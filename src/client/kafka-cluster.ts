import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { type OpenConnection } from '../net/connection.ts'
import { type Cluster } from './cluster.ts'

export interface ClusterOptions {
  /** Name of the cluster in messages. */
  readonly alias: string
  readonly settings: ClientSettings
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Largest response taken on a data connection. Default 256 MB. */
  readonly maxDataFrameBytes?: number
}

export interface KafkaCluster extends Cluster {
  /** Resolves once any broker has answered with metadata: tried for ever. Rejects when closed or aborted. */
  ready(signal?: AbortSignal): Promise<void>
}

/** Starts connecting in the background and returns at once; calls wait for a broker. */
export declare function connectCluster(options: ClusterOptions): KafkaCluster
