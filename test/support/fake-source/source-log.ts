/** One partition of a source cluster: batches as they lie in its log, epochs, and what brokers answer to a fetch. */
import { randomUUID } from 'node:crypto'
import {
  type AbortedTransaction,
  type FetchPartition,
  type FetchPartitionResponse
} from '../../../src/wire/api/01-fetch.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { encodeBatch } from '../../../src/wire/record.ts'

export interface StoredBatch {
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  readonly bytes: Buffer
  readonly values: readonly string[]
}

export function newTopicId(): Buffer {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex')
}

export class SourceLog {
  topicId: Buffer | null
  leader: number
  /** Serves consumers that name a rack, when set. */
  follower = -1
  epoch = 0
  start = 0n
  end = 0n
  /** Of the next append. */
  batches: StoredBatch[] = []
  abortedTransactions: AbortedTransaction[] = []
  /** Error codes of the next fetches of this partition. */
  errors: number[] = []
  /** Most batches of one answer. */
  batchesPerFetch = 3
  #epochStarts: { epoch: number; start: bigint }[] = [{ epoch: 0, start: 0n }]

  constructor(leader: number, topicId: Buffer | null) {
    this.leader = leader
    this.topicId = topicId
  }

  /** Every value that the log holds from its start on. */
  get values(): string[] {
    return this.batches.flatMap(({ baseOffset, values }) =>
      values.filter((_, index) => baseOffset + BigInt(index) >= this.start)
    )
  }

  async append(values: readonly string[], codec = 0): Promise<void> {
    const records = values.map((value) => ({ timestamp: 1n, key: null, value: Buffer.from(value) }))
    this.appendBytes(await encodeBatch(records, codec), values)
  }

  appendBytes(bytes: Buffer, values: readonly string[]): void {
    bytes.writeBigInt64BE(this.end, 0)
    bytes.writeInt32BE(this.epoch, 12)
    const baseOffset = this.end
    this.end += BigInt(values.length)
    this.batches.push({ baseOffset, lastOffset: this.end - 1n, bytes, values })
  }

  elect(leader: number): void {
    this.leader = leader
    this.epoch += 1
    this.#epochStarts.push({ epoch: this.epoch, start: this.end })
  }

  /** An unclean election: the new leader has only the first of these batches. */
  loseBatches(kept: number, leader = this.leader): void {
    this.batches = this.batches.slice(0, kept)
    const last = this.batches.at(-1)
    this.end = last === undefined ? this.start : last.lastOffset + 1n
    this.#epochStarts = this.#epochStarts.filter(({ start }) => start < this.end)
    this.elect(leader)
  }

  /** Retention. */
  deleteBatches(count: number): void {
    this.batches = this.batches.slice(count)
    this.start = this.batches[0]?.baseOffset ?? this.end
  }

  recreate(leader = this.leader): void {
    this.topicId = this.topicId === null ? null : newTopicId()
    this.leader = leader
    this.epoch = 0
    this.#epochStarts = [{ epoch: 0, start: 0n }]
    this.start = 0n
    this.end = 0n
    this.batches = []
  }

  checkEpoch(epoch: number): number {
    if (epoch < 0 || epoch === this.epoch) return 0
    return epoch < this.epoch ? brokerErrors.FENCED_LEADER_EPOCH : brokerErrors.UNKNOWN_LEADER_EPOCH
  }

  /** Null: nothing to say. */
  fetch(asked: FetchPartition, nodeId: number, rackId: string): FetchPartitionResponse | null {
    const { partition, fetchOffset, currentLeaderEpoch, lastFetchedEpoch } = asked
    const isFollower = nodeId === this.follower
    if (nodeId !== this.leader && !isFollower) return this.#answer(partition, brokerErrors.NOT_LEADER_OR_FOLLOWER)
    const errorCode = this.errors.shift() ?? this.checkEpoch(currentLeaderEpoch)
    if (errorCode !== 0) return this.#answer(partition, errorCode)
    if (rackId !== '' && this.follower >= 0 && !isFollower) {
      return { ...this.#answer(partition, 0), preferredReadReplica: this.follower }
    }
    // Of an epoch that no leader of this log has had a broker cannot say where it ended (Kafka: Partition.readRecords).
    if (lastFetchedEpoch > this.epoch) return this.#answer(partition, brokerErrors.OFFSET_OUT_OF_RANGE)
    const endOffset = this.#endOfEpoch(lastFetchedEpoch)
    if (endOffset !== undefined && endOffset < fetchOffset) {
      return { ...this.#answer(partition, 0), divergingEpoch: { epoch: lastFetchedEpoch, endOffset } }
    }
    if (fetchOffset < this.start || fetchOffset > this.end) {
      return this.#answer(partition, brokerErrors.OFFSET_OUT_OF_RANGE)
    }
    const found = this.batches.filter(({ lastOffset }) => lastOffset >= fetchOffset).slice(0, this.batchesPerFetch)
    if (found.length === 0) return null
    return { ...this.#answer(partition, 0), records: Buffer.concat(found.map(({ bytes }) => bytes)) }
  }

  #endOfEpoch(epoch: number): bigint | undefined {
    if (epoch < 0) return undefined
    return this.#epochStarts.find((one) => one.epoch > epoch)?.start ?? this.end
  }

  #answer(partition: number, errorCode: number): FetchPartitionResponse {
    return {
      partition,
      errorCode,
      highWatermark: this.end,
      lastStableOffset: this.end,
      logStartOffset: this.start,
      divergingEpoch: null,
      currentLeader: null,
      abortedTransactions: this.abortedTransactions,
      preferredReadReplica: -1,
      records: Buffer.alloc(0)
    }
  }
}
