import { type FetchPartition, type FetchTopic, type ForgottenTopic } from '../wire/api/01-fetch.ts'
import { type FetchCursor } from './fetch-cursor.ts'

/** What the broker was last told about a cursor. */
interface SentPartition {
  position: bigint
  leaderEpoch: number
}

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: readonly FetchTopic[]
  readonly forgottenTopics: readonly ForgottenTopic[]
}

/**
 * An incremental fetch session (KIP-227): the broker remembers the partitions, and a request names only those that are
 * new, moved on, or to be forgotten. With thousands of idle partitions a request is then a few bytes. Where the broker
 * has no session to give (old, or its cache is full) every request names everything.
 */
export class FetchSession {
  readonly #partitionMaxBytes: number
  readonly #sent = new Map<FetchCursor, SentPartition>()
  /** Cursors by topic name or topic id, as responses name them, then by partition. */
  readonly #byTopic = new Map<string, Map<number, FetchCursor>>()
  /** Whether topics go by name (up to Fetch v12): fixed for the life of a session. */
  readonly #byName: boolean
  #id = 0
  #epoch = 0
  #rotation = 0

  constructor(partitionMaxBytes: number, byName: boolean) {
    this.#partitionMaxBytes = partitionMaxBytes
    this.#byName = byName
  }

  get byName(): boolean {
    return this.#byName
  }

  /** The next request, which asks for exactly the `wanted` cursors. */
  next(wanted: readonly FetchCursor[]): SessionRequest {
    const isFull = this.#epoch === 0
    if (isFull) this.#forgetAll()
    const topics = new Map<string, { name: string; topicId: Buffer | null; partitions: FetchPartition[] }>()
    // Brokers rotate the partitions of a session; without one, the order of the request decides who is served first.
    const start = isFull && wanted.length > 0 ? this.#rotation++ % wanted.length : 0
    for (let index = 0; index < wanted.length; index++) {
      const cursor = wanted[(start + index) % wanted.length]
      if (cursor?.position === undefined || !this.#remember(cursor, cursor.position)) continue
      const key = this.#topicKey(cursor)
      let topic = topics.get(key)
      if (topic === undefined) {
        topic = { name: cursor.topic, topicId: cursor.topicId, partitions: [] }
        topics.set(key, topic)
      }
      topic.partitions.push({
        partition: cursor.partition,
        fetchOffset: cursor.position,
        maxBytes: this.#partitionMaxBytes,
        currentLeaderEpoch: cursor.leaderEpoch,
        lastFetchedEpoch: cursor.lastFetchedEpoch
      })
    }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: [...topics.values()],
      forgottenTopics: this.#sent.size > wanted.length ? this.#forget(new Set(wanted)) : []
    }
  }

  /** Takes the session that a successful response names. */
  accept(sessionId: number): void {
    this.#id = sessionId
    if (sessionId === 0) this.#epoch = 0
    else this.#epoch = this.#epoch === 0x7fffffff ? 1 : this.#epoch + 1
  }

  /** The broker lost the session, or the request failed: the next one asks for a new session. */
  reset(): void {
    this.#id = 0
    this.#epoch = 0
  }

  /** The cursor of a partition in a response, and the offset that was asked for. */
  find(name: string, topicId: Buffer | null, partition: number): { cursor: FetchCursor; position: bigint } | undefined {
    const key = this.#byName || topicId === null ? name : topicId.toString('hex')
    const cursor = this.#byTopic.get(key)?.get(partition)
    const sent = cursor && this.#sent.get(cursor)
    return cursor && sent && { cursor, position: sent.position }
  }

  #topicKey(cursor: FetchCursor): string {
    return this.#byName || cursor.topicId === null ? cursor.topic : cursor.topicId.toString('hex')
  }

  /** Notes what the broker is told; false when it knows that already. */
  #remember(cursor: FetchCursor, position: bigint): boolean {
    const sent = this.#sent.get(cursor)
    if (sent !== undefined) {
      if (sent.position === position && sent.leaderEpoch === cursor.leaderEpoch) return false
      sent.position = position
      sent.leaderEpoch = cursor.leaderEpoch
      return true
    }
    this.#sent.set(cursor, { position, leaderEpoch: cursor.leaderEpoch })
    const key = this.#topicKey(cursor)
    const partitions = this.#byTopic.get(key) ?? new Map<number, FetchCursor>()
    this.#byTopic.set(key, partitions.set(cursor.partition, cursor))
    return true
  }

  #forget(wanted: ReadonlySet<FetchCursor>): ForgottenTopic[] {
    const topics = new Map<string, { name: string; topicId: Buffer | null; partitions: number[] }>()
    for (const cursor of this.#sent.keys()) {
      if (wanted.has(cursor)) continue
      this.#sent.delete(cursor)
      const key = this.#topicKey(cursor)
      this.#byTopic.get(key)?.delete(cursor.partition)
      const topic = topics.get(key) ?? { name: cursor.topic, topicId: cursor.topicId, partitions: [] }
      topic.partitions.push(cursor.partition)
      topics.set(key, topic)
    }
    return [...topics.values()]
  }

  #forgetAll(): void {
    this.#sent.clear()
    this.#byTopic.clear()
  }
}
