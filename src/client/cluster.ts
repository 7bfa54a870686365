import { type ApiMessage } from '../wire/api-message.ts'
import { type Connection, type ConnectionKind, type RequestOptions } from '../net/connection.ts'

export interface Broker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly partition: number
  /** Kafka error code of this partition alone; 0 when fine. A leaderless partition never hides its siblings. */
  readonly errorCode: number
  /** -1 when there is none. */
  readonly leader: number
  readonly leaderEpoch: number
}

export interface TopicMetadata {
  readonly name: string
  readonly errorCode: number
  /** Null from brokers older than 2.8 (Metadata v10). */
  readonly topicId: Buffer | null
  readonly isInternal: boolean
  /** Sorted by partition. */
  readonly partitions: readonly PartitionMetadata[]
}

export interface PartitionLeader {
  readonly nodeId: number
  readonly epoch: number
  readonly topicId: Buffer | null
}

/** `node`: that broker; `any`: whichever answers; `controller`; or the coordinator of a group. */
export type RequestTarget =
  { readonly node: number } | { readonly any: true } | { readonly controller: true } | { readonly group: string }

/** A Kafka cluster as an object: brokers, leaders, and connections to them. */
export interface Cluster {
  /** Alias for messages. */
  readonly alias: string
  readonly clusterId: string | null
  readonly brokers: readonly Broker[]
  /** False from when no broker could be reached, which was logged, until one answers. */
  readonly isReachable: boolean
  /** Last known metadata of a topic that somebody follows; undefined when unknown. No I/O. */
  topic(name: string): TopicMetadata | undefined
  /** Last known leader; undefined when unknown or leaderless. No I/O. */
  leader(topic: string, partition: number): PartitionLeader | undefined
  /** Adds a topic to those refreshed each metadata.max.age.ms and by `refreshSoon`. Reference counted. */
  follow(topic: string): void
  unfollow(topic: string): void
  /** Asks for a refresh of the followed topics soon, joined with other callers and rate limited by retry.backoff.ms. */
  refreshSoon(): void
  /** Resolves when a refresh that started after this call has ended, well or badly. Rejects with MIRROR_CLOSED after `close`. */
  refreshed(): Promise<void>
  /** Called after each refresh that changed something. Returns the function that takes the listener off. */
  onChange(listener: () => void): () => void
  /** One Metadata answer for these topics, or for all of them. Per-topic errors are in the result, never thrown. */
  describeTopics(topics: readonly string[] | 'all'): Promise<TopicMetadata[]>
  /**
   * A request with retries: connection failures, missed deadlines and moved coordinators are retried with backoff until
   * `deadlineMs` (default request.timeout.ms times two) has passed. Error codes inside the response are the caller's.
   */
  request<Request, Response>(
    target: RequestTarget,
    api: ApiMessage<Request, Response>,
    request: Request,
    options?: RequestOptions & { readonly deadlineMs?: number; readonly signal?: AbortSignal }
  ): Promise<Response>
  /**
   * A connection of its own for one user (`purpose` tells them apart), opened when there is none, with reconnect.backoff
   * kept per broker. Its receive buffers are those of `kind` (default `data`): megabytes for bulk data, little for who is only sent answers.
   * Rejects with a retriable error when the broker cannot be reached now.
   */
  dataConnection(nodeId: number, purpose: string, kind?: ConnectionKind): Promise<Connection>
  close(): Promise<void>
}
