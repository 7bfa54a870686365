import { type IsolationLevel } from '../config/client-settings.ts'
import { type Cluster } from './cluster.ts'
import { type TopicPartition } from './topic-partition.ts'

/** Where in the log: its start, its end, or the first record at or after a time in milliseconds since the epoch. */
export type OffsetSpec = 'earliest' | 'latest' | bigint

export interface OffsetQuery extends TopicPartition {
  readonly at: OffsetSpec
}

export interface ListedOffset extends TopicPartition {
  /** Kafka error code of this partition; 0 when fine. 3 (unknown) and 5 (no leader) also when retries ran out. */
  readonly errorCode: number
  /** -1n when there is none (an error, or no record at or after the time). */
  readonly offset: bigint
  readonly timestamp: bigint
  readonly leaderEpoch: number
}

export interface ListOffsetsOptions {
  /** read_committed: `latest` is the last stable offset. Default read_uncommitted. */
  readonly isolation?: IsolationLevel
  readonly signal?: AbortSignal
}

/** Answers in the order of the queries. Moved leaders are followed; what still fails carries its error code. */
export declare function listOffsets(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options?: ListOffsetsOptions
): Promise<ListedOffset[]>
