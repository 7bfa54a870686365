import { type Clock } from '../base/clock.ts'
import { type IsolationLevel } from '../config/client-settings.ts'
import { type Cluster } from './cluster.ts'
import { type RawProducer } from './raw-producer.ts'

export interface LogRecord {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: bigint
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
}

export interface LogAppend {
  readonly partition: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

export interface CompactedLogOptions {
  readonly cluster: Cluster
  readonly producer: RawProducer
  readonly clock: Clock
  readonly topic: string
  /** Used when the topic has to be created; -1 is the broker's default. */
  readonly partitions: number
  readonly replicationFactor: number
  /** Further topic settings for creation; `cleanup.policy` is always `compact`. */
  readonly configs: Readonly<Record<string, string>>
  readonly isolation: IsolationLevel
  /** Gets every record in order per partition, within `start` and `readToEnd`. Must not throw. */
  readonly onRecord: (record: LogRecord) => void
}

/** A compacted topic that is read whole at start, caught up with on demand, and appended to. */
export declare class CompactedLog {
  constructor(options: CompactedLogOptions)
  /** Known after `start`. */
  get partitionCount(): number
  /** Creates the topic where it is missing, checks its policy (MIRROR_INTERNAL_TOPIC), reads it to its end. */
  start(signal?: AbortSignal): Promise<void>
  /** Resolves when everything that was in the topic at the time of the call has been handed to `onRecord`. */
  readToEnd(signal?: AbortSignal): Promise<void>
  /** Resolves when all are acknowledged; rejects with MIRROR_RECORD_REFUSED when the target refuses one. */
  append(records: readonly LogAppend[]): Promise<void>
}
