/** The fetch sessions of one broker, by the rules of KIP-227. */
import { type FetchPartition, type FetchRequest } from '../../../src/wire/api/01-fetch.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'

/** A partition as the request names it: by name or by id. */
export interface AskedPartition {
  readonly name: string
  readonly topicId: Buffer | null
  readonly asked: FetchPartition
}

export interface OpenSession {
  readonly id: number
  nextEpoch: number
  readonly partitions: Map<string, AskedPartition>
}

export class SessionTable {
  /** Whether there is room for sessions. */
  isFull = false
  readonly #sessions = new Map<number, OpenSession>()
  #nextId = 1

  /** As after a restart, or when others took their place. */
  loseAll(): void {
    this.#sessions.clear()
  }

  /** The session that the request belongs to, brought up to date; an error code; or a new one, with id 0 if it is not kept. */
  of(request: FetchRequest): OpenSession | number {
    if (request.sessionEpoch <= 0) {
      const id = this.isFull ? 0 : this.#nextId++
      const session = { id, nextEpoch: 1, partitions: new Map<string, AskedPartition>() }
      if (id !== 0) this.#sessions.set(id, session)
      update(session, request)
      return session
    }
    const session = this.#sessions.get(request.sessionId)
    if (session === undefined) return brokerErrors.FETCH_SESSION_ID_NOT_FOUND
    if (session.nextEpoch !== request.sessionEpoch) return brokerErrors.INVALID_FETCH_SESSION_EPOCH
    session.nextEpoch += 1
    update(session, request)
    return session
  }
}

function keyOf(name: string, topicId: Buffer | null, partition: number): string {
  return `${topicId?.toString('hex') ?? name}-${partition}`
}

/** Brokers forget last. */
function update(session: OpenSession, { topics, forgottenTopics }: FetchRequest): void {
  for (const { name, topicId, partitions } of topics) {
    for (const asked of partitions)
      session.partitions.set(keyOf(name, topicId, asked.partition), { name, topicId, asked })
  }
  for (const { name, topicId, partitions } of forgottenTopics) {
    for (const partition of partitions) session.partitions.delete(keyOf(name, topicId, partition))
  }
}
