import { type TopicPartition } from './topic-partition.ts'

/**
 * How far one source partition has been read, and from whom. A cursor belongs to at most one broker's fetch loop at a
 * time; the loop of another broker takes it over only between two fetches, so position and order have one writer.
 */
export class FetchCursor implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** Next offset to fetch; undefined until it has been looked up. */
  position: bigint | undefined
  /** Null where brokers have no topic ids (before 2.8). */
  topicId: Buffer | null = null
  /** Broker that is asked: the leader, or the follower that the leader told to prefer. -1: nobody can be asked now. */
  nodeId = -1
  leaderId = -1
  leaderEpoch = -1
  /** Epoch of the last batch read: lets the broker see that its log and what was read have parted (KIP-320). */
  lastFetchedEpoch = -1
  /** Bytes delivered and not yet released. */
  outstandingBytes = 0
  /** End of what consumers may read; undefined before the first answer. */
  highWatermark: bigint | undefined
  lastStableOffset: bigint | undefined
  logStartOffset: bigint | undefined
  /** Not asked for before this time (clock.monotonic()): it failed, or was told to wait. */
  retryAtMs = 0
  /** A position is being looked up; fetching would race with it. */
  isResolving = false
  isBlocked = false

  constructor(topic: string, partition: number, position: bigint | undefined) {
    this.topic = topic
    this.partition = partition
    this.position = position
  }

  /** Records between the position and the end of the log; undefined before the first answer. */
  get lag(): bigint | undefined {
    return this.highWatermark === undefined || this.position === undefined
      ? undefined
      : this.highWatermark - this.position
  }
}
