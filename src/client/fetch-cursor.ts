import { type TopicPartition } from './topic-partition.ts'

/**
 * How far one source partition has been read, and from whom. A cursor belongs to at most one broker's fetch loop at a
 * time; a response that was on its way when it was moved or reset is told by `generation` and position, and ignored.
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
  /** End of what consumers may read; undefined before the first answer. */
  highWatermark: bigint | undefined
  lastStableOffset: bigint | undefined
  logStartOffset: bigint | undefined
  /** Not asked for before this time (clock.monotonic()): it failed, or was told to wait. */
  retryAtMs = 0
  /** A position is being looked up; fetching would race with it. */
  isResolving = false
  isBlocked = false
  /**
   * First offset of the batch that the reader gave back; undefined once what lies there was taken or is gone. Not its last
   * one: a log that was cut there and grows anew may end before it.
   */
  rejectedOffset: bigint | undefined
  #generation = 0
  #outstandingBytes = 0
  #wakeBelowBytes = 0
  #wake: (() => void) | undefined

  constructor(topic: string, partition: number, position: bigint | undefined) {
    this.topic = topic
    this.partition = partition
    this.position = position
  }

  /** Changes with each reset: what was read before one says nothing about the position after it. */
  get generation(): number {
    return this.#generation
  }

  /** Bytes delivered and not yet released. */
  get outstandingBytes(): number {
    return this.#outstandingBytes
  }

  /** Records between the position and the end of the log; undefined before the first answer. */
  get lag(): bigint | undefined {
    return this.highWatermark === undefined || this.position === undefined
      ? undefined
      : this.highWatermark - this.position
  }

  /** Whether this is the id of the topic that is read now; where an id is unknown, it counts as the same. */
  isOfTopic(topicId: Buffer | null): boolean {
    return topicId === null || this.topicId === null || topicId.equals(this.topicId)
  }

  /**
   * Goes on at `position`, which is not where the last batch ended.
   * @param previousEpoch of the batch before that position, where it is known
   */
  resetTo(position: bigint, previousEpoch = -1): void {
    this.position = position
    this.lastFetchedEpoch = previousEpoch
    this.#generation += 1
  }

  take(bytes: number): void {
    this.#outstandingBytes += bytes
  }

  give(bytes: number): void {
    this.#outstandingBytes -= bytes
    if (this.#wake === undefined || this.#outstandingBytes >= this.#wakeBelowBytes) return
    const wake = this.#wake
    this.#wake = undefined
    wake()
  }

  /** Calls `wake` once, when less than `bytes` are outstanding. */
  wakeBelow(bytes: number, wake: () => void): void {
    this.#wakeBelowBytes = bytes
    this.#wake = wake
  }
}
