import { type FetchPartition, type FetchTopic, type ForgottenTopic } from '../wire/api/01-fetch.ts'
import { type FetchCursor } from './fetch-cursor.ts'
import { isSameTopicId } from './topic-id.ts'

/** What the broker was last told about a cursor. */
interface Member {
  readonly cursor: FetchCursor
  /** Name or id of the topic, as responses have it. */
  readonly topicKey: string
  readonly topicId: Buffer | null
  position: bigint
  leaderEpoch: number
  lastFetchedEpoch: number
  generation: number
  isTold: boolean
}

export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: readonly FetchTopic[]
  readonly forgottenTopics: readonly ForgottenTopic[]
}

/**
 * An incremental fetch session (KIP-227): the broker remembers the partitions, and a request names only those that are
 * new, moved on, or to be forgotten. With thousands of idle partitions a request is then a few bytes, and costs nothing
 * to make: only what `ask` and `drop` are told is looked at. Where the broker has no session to give (old, or its cache
 * is full) every request names everything.
 */
export class FetchSession {
  /** Whether topics go by name (up to Fetch v12): fixed for the life of a session. */
  readonly byName: boolean
  readonly #partitionMaxBytes: number
  readonly #members = new Map<FetchCursor, Member>()
  /** By `topicKey`, then by partition. */
  readonly #byTopic = new Map<string, Map<number, Member>>()
  /** To be named in the next request. */
  readonly #news = new Set<Member>()
  /** Known to the broker and not wanted any more; by `topicKey/partition`. */
  readonly #forgotten = new Map<string, Member>()
  #namelessTopics = 0
  #id = 0
  #epoch = 0
  #rotation = 0

  constructor(partitionMaxBytes: number, byName: boolean) {
    this.#partitionMaxBytes = partitionMaxBytes
    this.byName = byName
  }

  /** How many partitions the next request asks for, by name or silently. */
  get size(): number {
    return this.#members.size
  }

  /** Whether a partition has no topic id, so that the request has to go by names. */
  get needsNames(): boolean {
    return this.#namelessTopics > 0
  }

  /** Whether the next request names everything, as the first one does. */
  get isFull(): boolean {
    return this.#epoch === 0
  }

  /** The next request is to ask for this cursor, which has a position. */
  ask(cursor: FetchCursor): void {
    let member = this.#members.get(cursor)
    // A topic that was created anew is another one to a session that goes by ids, whatever its name.
    if (member !== undefined && !isSameTopicId(member.topicId, cursor.topicId)) {
      this.drop(cursor)
      member = undefined
    }
    if (member === undefined) this.#news.add(this.#add(cursor))
    else if (isNews(member)) this.#news.add(member)
  }

  /** The next request is not to ask for this cursor. */
  drop(cursor: FetchCursor): void {
    const member = this.#members.get(cursor)
    if (member === undefined) return
    this.#members.delete(cursor)
    this.#news.delete(member)
    const partitions = this.#byTopic.get(member.topicKey)
    partitions?.delete(cursor.partition)
    if (partitions?.size === 0) this.#byTopic.delete(member.topicKey)
    if (member.topicId === null) this.#namelessTopics -= 1
    if (member.isTold) this.#forgotten.set(`${member.topicKey}/${cursor.partition}`, member)
  }

  next(): SessionRequest {
    if (this.isFull) this.#forgotten.clear()
    const named = this.isFull ? this.#rotated() : [...this.#news]
    this.#news.clear()
    const topics = new Map<string, { name: string; topicId: Buffer | null; partitions: FetchPartition[] }>()
    for (const member of named) {
      const { cursor, topicKey, topicId } = member
      tell(member)
      let topic = topics.get(topicKey)
      if (topic === undefined) {
        topic = { name: cursor.topic, topicId, partitions: [] }
        topics.set(topicKey, topic)
      }
      topic.partitions.push({
        partition: cursor.partition,
        fetchOffset: member.position,
        maxBytes: this.#partitionMaxBytes,
        currentLeaderEpoch: member.leaderEpoch,
        lastFetchedEpoch: member.lastFetchedEpoch
      })
    }
    const forgottenTopics = this.#takeForgotten()
    return { sessionId: this.#id, sessionEpoch: this.#epoch, topics: [...topics.values()], forgottenTopics }
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

  /** The cursor of a partition in a response, while its position is still the one that was asked for. */
  find(name: string, topicId: Buffer | null, partition: number): { cursor: FetchCursor; position: bigint } | undefined {
    const key = this.byName || topicId === null ? name : topicId.toString('hex')
    const member = this.#byTopic.get(key)?.get(partition)
    if (member?.isTold !== true) return undefined
    const { cursor, position, generation } = member
    return cursor.position === position && cursor.generation === generation ? { cursor, position } : undefined
  }

  #add(cursor: FetchCursor): Member {
    const { topicId, partition } = cursor
    const topicKey = this.byName || topicId === null ? cursor.topic : topicId.toString('hex')
    const told = { position: -1n, leaderEpoch: -1, lastFetchedEpoch: -1, generation: -1, isTold: false }
    const member: Member = { cursor, topicKey, topicId, ...told }
    this.#members.set(cursor, member)
    const partitions = this.#byTopic.get(topicKey) ?? new Map<number, Member>()
    this.#byTopic.set(topicKey, partitions.set(partition, member))
    if (topicId === null) this.#namelessTopics += 1
    // Brokers forget last: a partition that a request both names and forgets would be gone from the session.
    this.#forgotten.delete(`${topicKey}/${partition}`)
    return member
  }

  /** Brokers rotate the partitions of a session; without one, the order of the request decides who is served first. */
  #rotated(): Member[] {
    const members = [...this.#members.values()]
    const start = members.length === 0 ? 0 : this.#rotation++ % members.length
    return [...members.slice(start), ...members.slice(0, start)]
  }

  #takeForgotten(): ForgottenTopic[] {
    const topics = new Map<string, { name: string; topicId: Buffer | null; partitions: number[] }>()
    for (const { cursor, topicKey, topicId } of this.#forgotten.values()) {
      const topic = topics.get(topicKey) ?? { name: cursor.topic, topicId, partitions: [] }
      topic.partitions.push(cursor.partition)
      topics.set(topicKey, topic)
    }
    this.#forgotten.clear()
    return [...topics.values()]
  }
}

function isNews({ cursor, position, leaderEpoch, lastFetchedEpoch, generation, isTold }: Member): boolean {
  return (
    !isTold ||
    position !== cursor.position ||
    leaderEpoch !== cursor.leaderEpoch ||
    lastFetchedEpoch !== cursor.lastFetchedEpoch ||
    generation !== cursor.generation
  )
}

function tell(member: Member): void {
  const { cursor } = member
  member.position = cursor.position ?? -1n
  member.leaderEpoch = cursor.leaderEpoch
  member.lastFetchedEpoch = cursor.lastFetchedEpoch
  member.generation = cursor.generation
  member.isTold = true
}
