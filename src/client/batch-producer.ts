import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ProducerSettings } from '../config/client-settings.ts'
import { type Cluster } from './cluster.ts'
import { type PartitionStateListener, type RawProducer } from './raw-producer.ts'

export interface RawProducerOptions {
  readonly cluster: Cluster
  readonly settings: ProducerSettings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly listener: PartitionStateListener
  /** Tells the producers of a process apart, in messages and in the names of their connections: the route or task. */
  readonly label: string
}

/** A producer that asks for its producer id at once, in the background. */
export declare function createRawProducer(options: RawProducerOptions): RawProducer
