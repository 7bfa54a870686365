import { deferred } from '../base/deferred.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type IsolationLevel } from '../config/client-settings.ts'
import { AbortedTransactions } from '../wire/aborted-transactions.ts'
import { type FetchPartitionResponse, type FetchRequest, fetch, fetchMaxVersionByName } from '../wire/api/01-fetch.ts'
import { brokerError, brokerErrorName, brokerErrors, leaderMoved, retriableErrors } from '../wire/error-codes.ts'
import { batchEnd, batchLastOffset, batchMagic } from '../wire/record-batch.ts'
import { type DecodedRecord, decodeBatch } from '../wire/record.ts'
import { type Cluster } from './cluster.ts'
import { abortError } from './deadline.ts'
import { listOffsets } from './list-offsets.ts'

export interface LogRecord {
  readonly partition: number
  readonly offset: bigint
  readonly timestamp: bigint
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
}

export interface LogReaderOptions {
  readonly cluster: Cluster
  readonly logger: Logger
  readonly topic: string
  readonly isolation: IsolationLevel
  /** Gets every record in order per partition. Must not throw. Key and value are views into a larger buffer: copy what is kept. */
  readonly onRecord: (record: LogRecord) => void
}

const fetchWaitMs = 500
const fetchMaxBytes = 8 * 1024 * 1024
const partitionMaxBytes = 1024 * 1024

/**
 * Reads a small topic from its start up to its end, and later from there to its new end: by fetches of its own, or, once
 * `isFollowed`, by those of a LogTail that hands in every answer.
 */
export class LogReader {
  isFollowed = false
  readonly #options: LogReaderOptions
  /** Next offset to read, by partition. Moves over markers, aborted data and holes: only so is the end ever reached. */
  readonly #positions = new Map<number, bigint>()
  #warned = false
  /** Resolves when a position moves, and is replaced then. */
  #moved = deferred<undefined>()

  constructor(options: LogReaderOptions) {
    this.#options = options
  }

  /**
   * Reads everything that is in the partitions now. With read_committed this waits for open transactions. Retries for
   * ever, with one warning; throws what an operator must act on, or MIRROR_CLOSED when aborted. Calls must not overlap.
   */
  async readToEnd(partitionCount: number, signal?: AbortSignal): Promise<void> {
    const ends = await this.#endOffsets(partitionCount, signal)
    for (;;) {
      const behind = [...ends].filter(([partition, end]) => this.#position(partition) < end)
      if (behind.length === 0) break
      if (signal?.aborted === true) throw abortError(`Reading ${this.#options.topic}`)
      if (this.isFollowed) {
        await this.#moved.promise
        continue
      }
      const progressed = await this.#fetchOnce(
        behind.map(([partition]) => partition),
        signal
      )
      if (!progressed) await this.#options.cluster.refreshed()
    }
    this.#warned = false
  }

  /** Ends waits of `readToEnd` for what will not come any more; they look at their signal then. */
  wake(): void {
    this.#moved.resolve(undefined)
    this.#moved = deferred()
  }

  /** A fetch of these partitions from where they stand. */
  requestFor(partitions: readonly number[], maxWaitMs: number): FetchRequest {
    const { topic, isolation } = this.#options
    return {
      maxWaitMs,
      minBytes: 1,
      maxBytes: fetchMaxBytes,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ name: topic, topicId: null, partitions: partitions.map((partition) => this.#fetchOf(partition)) }],
      forgottenTopics: [],
      rackId: ''
    }
  }

  #position(partition: number): bigint {
    return this.#positions.get(partition) ?? 0n
  }

  /** Always the high watermark: with read_committed, what an open transaction holds back must be waited for. */
  async #endOffsets(partitionCount: number, signal?: AbortSignal): Promise<Map<number, bigint>> {
    const { cluster, topic } = this.#options
    const ends = new Map<number, bigint>()
    for (;;) {
      const missing = Array.from({ length: partitionCount }, (_, partition) => partition).filter(
        (one) => !ends.has(one)
      )
      if (missing.length === 0) return ends
      if (signal?.aborted === true) throw abortError(`Reading ${topic}`)
      const queries = missing.map((partition) => ({ topic, partition, at: 'latest' as const }))
      for (const { partition, errorCode, offset } of await listOffsets(cluster, queries, signal ? { signal } : {})) {
        if (errorCode === brokerErrors.NONE) ends.set(partition, offset)
        else this.#checkRetriable(partition, errorCode)
      }
    }
  }

  /** Whether anything arrived. */
  async #fetchOnce(partitions: readonly number[], signal?: AbortSignal): Promise<boolean> {
    const { cluster, topic } = this.#options
    const byLeader = new Map<number, number[]>()
    for (const partition of partitions) {
      const leader = cluster.leader(topic, partition)
      if (leader === undefined) this.#checkRetriable(partition, brokerErrors.LEADER_NOT_AVAILABLE)
      else byLeader.set(leader.nodeId, [...(byLeader.get(leader.nodeId) ?? []), partition])
    }
    let progressed = false
    for (const [nodeId, owned] of byLeader) {
      for (const answer of await this.#fetchFrom(nodeId, owned, signal)) {
        if (await this.take(answer, signal)) progressed = true
      }
    }
    return progressed
  }

  async #fetchFrom(nodeId: number, partitions: readonly number[], signal?: AbortSignal) {
    const { cluster } = this.#options
    const request = this.requestFor(partitions, fetchWaitMs)
    const options = { maxVersion: fetchMaxVersionByName, ...(signal === undefined ? {} : { signal }) }
    try {
      const response = await cluster.request({ node: nodeId }, fetch, request, options)
      return response.topics.flatMap((one) => one.partitions)
    } catch (thrown) {
      if (signal?.aborted === true || !(thrown instanceof MirrorError) || !thrown.retriable) throw thrown
      this.#warnOnce(thrown.message)
      return []
    }
  }

  #fetchOf(partition: number) {
    return {
      partition,
      fetchOffset: this.#position(partition),
      maxBytes: partitionMaxBytes,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1
    }
  }

  /**
   * Delivers what a fetch brought, but for what was delivered before. False when there was nothing new, or an error that
   * passes; throws others. Answers about different partitions may be handed in at the same time.
   */
  async take(answer: FetchPartitionResponse, signal?: AbortSignal): Promise<boolean> {
    const { partition, errorCode } = answer
    if (errorCode === brokerErrors.OFFSET_OUT_OF_RANGE) return await this.#startOver(partition, signal)
    if (errorCode !== brokerErrors.NONE) {
      this.#checkRetriable(partition, errorCode)
      if (leaderMoved.has(errorCode)) this.#options.cluster.refreshSoon()
      return false
    }
    const { records } = answer
    const aborted = new AbortedTransactions(answer.abortedTransactions)
    let at = 0
    for (let end = batchEnd(records, at); end > 0; at = end, end = batchEnd(records, at)) {
      if (batchMagic(records, at) < 2) throw this.#oldFormat(partition)
      const isData = aborted.verdict(records, at) === 'data'
      const decoded = isData ? await decodeBatch(records.subarray(at, end)) : []
      this.#deliver(partition, decoded, batchLastOffset(records, at) + 1n)
    }
    return at > 0
  }

  /** In one turn, so that nobody sees a position that does not fit to what was delivered. */
  #deliver(partition: number, records: readonly DecodedRecord[], nextOffset: bigint): void {
    const position = this.#position(partition)
    if (nextOffset <= position) return
    for (const { offset, timestamp, key, value } of records) {
      // The first batch of an answer may begin before the offset asked for.
      if (offset >= position) this.#options.onRecord({ partition, offset, timestamp, key, value })
    }
    this.#positions.set(partition, nextOffset)
    this.wake()
  }

  /** The log begins later than where we stand: records were deleted from it. */
  async #startOver(partition: number, signal?: AbortSignal): Promise<boolean> {
    const { cluster, topic } = this.#options
    const [start] = await listOffsets(cluster, [{ topic, partition, at: 'earliest' }], signal ? { signal } : {})
    if (start?.errorCode !== brokerErrors.NONE) return false
    this.#positions.set(partition, start.offset)
    this.wake()
    return true
  }

  #checkRetriable(partition: number, errorCode: number): void {
    const { cluster, topic } = this.#options
    if (!retriableErrors.has(errorCode)) throw brokerError(errorCode, `${cluster.alias}: reading ${topic}-${partition}`)
    this.#warnOnce(`partition ${partition} answers ${brokerErrorName(errorCode)}`)
  }

  #warnOnce(reason: string): void {
    if (this.#warned) return
    this.#warned = true
    const { logger, topic, cluster } = this.#options
    logger.warn({ topic, cluster: cluster.alias, reason }, `${topic} of ${cluster.alias} cannot be read now; trying on`)
  }

  #oldFormat(partition: number): MirrorError {
    const { topic, cluster } = this.#options
    return new MirrorError(
      'MIRROR_INTERNAL_TOPIC',
      `${topic}-${partition} of cluster ${cluster.alias} holds messages in the format of Kafka before 0.11. ` +
        'Internal topics need message.format.version 0.11 or later'
    )
  }
}
