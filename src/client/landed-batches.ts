import pLimit from 'p-limit'
import { type Clock } from '../base/clock.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { fetch, fetchMaxVersionByName, type FetchPartitionResponse } from '../wire/api/01-fetch.ts'
import { listOffsets, offsetSpec } from '../wire/api/02-list-offsets.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import {
  batchBaseOffset,
  batchEnd,
  batchLastOffset,
  batchLastOffsetDelta,
  batchMagic,
  batchMaxTimestamp,
  batchOffsets
} from '../wire/record-batch.ts'
import { type Cluster, type PartitionLeader } from './cluster.ts'
import { forgottenAfterMs, type ProducerPartition } from './producer-partition.ts'
import { type SendUnit } from './send-unit.ts'

export interface LandedBatchesOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly logger: Logger
}

/** Short: when the broker is away its partitions get new leaders, and asking the old one again would not notice. */
const deadlineMs = 5_000
const fetchMaxWaitMs = 500
const fetchMaxBytes = 1024 * 1024
/** After the loss of a broker all its partitions look at once: this bounds the memory of their answers. */
const mostAtOnce = 4

/**
 * Finds batches in the target's log whose answer was lost, where the broker cannot be trusted to know them again.
 *
 * A broker drops what it knows of a producer once the newest record of it, by that record's own timestamp, is older than
 * `producer.id.expiration.ms`: every ten minutes, and when it loads the log. So with old records: batches stored, broker
 * killed before it answers, started again without any state of the producer, batches sent again, stored twice.
 */
export class LandedBatches {
  readonly #options: LandedBatchesOptions
  readonly #stop = new AbortController()
  readonly #limit = pLimit(mostAtOnce)
  #warned = false

  constructor(options: LandedBatchesOptions) {
    this.#options = options
  }

  /** Whether what failed may be in the log and the broker may not know it. Only while nothing is in flight. */
  mustLookFor({ identity, window }: ProducerPartition): boolean {
    // Without a producer id there is nothing that a batch could be known by.
    if (identity?.isIdempotent !== true) return false
    const unclear = window.filter(isUnclear)
    if (unclear.length === 0) return false
    const isStateLost = window.find((unit) => unit.failure !== null)?.failure?.kind === 'sequence'
    return isStateLost || unclear.some((unit) => this.#isOld(unit))
  }

  /**
   * Settles the batches that are in the log. Throws when the log cannot be read now.
   * Where it may not be read at all, that is logged and the batches count as not stored.
   */
  async settle(partition: ProducerPartition): Promise<void> {
    try {
      await this.#limit(async () => {
        await this.#search(partition)
      })
    } catch (thrown) {
      if (this.#stop.signal.aborted || (thrown instanceof MirrorError && thrown.retriable)) throw thrown
      this.#warnOnce(partition, asError(thrown))
    }
    for (const unit of partition.window) unit.mayBeStored = false
  }

  close(): void {
    this.#stop.abort()
  }

  #isOld({ records }: SendUnit): boolean {
    return batchMaxTimestamp(records, 0) < BigInt(this.#options.clock.now() - forgottenAfterMs)
  }

  async #search(partition: ProducerPartition): Promise<void> {
    const { topic } = partition
    const { cluster } = this.#options
    const leader = cluster.leader(topic, partition.partition)
    if (leader === undefined) throw new MirrorError('MIRROR_BROKER', 'No leader is known', { retriable: true })
    const end = await this.#endOffset(partition, leader)
    let offset = firstOffset(partition, end)
    while (offset < end && partition.window.some(isUnclear)) {
      const answer = await this.#fetch(partition, leader, offset)
      if (answer.errorCode === brokerErrors.OFFSET_OUT_OF_RANGE && answer.logStartOffset > offset) {
        offset = answer.logStartOffset
        continue
      }
      if (answer.errorCode !== brokerErrors.NONE) throw brokerError(answer.errorCode, 'Fetch')
      const next = acknowledgeFound(partition, answer.records)
      if (next <= offset) {
        throw new MirrorError('MIRROR_BROKER', `Nothing to be read at offset ${offset}`, { retriable: true })
      }
      offset = next
    }
  }

  /**
   * A consumer is told the high watermark, not the end of the log. That is enough: a new leader tells none before it has
   * reached the end of the log that it took over (KIP-207), and what was stored since, this broker itself remembers.
   */
  async #endOffset({ topic, partition }: ProducerPartition, leader: PartitionLeader): Promise<bigint> {
    const query = { partition, timestamp: offsetSpec.latest, currentLeaderEpoch: leader.epoch }
    const request = { isolationLevel: 0, topics: [{ name: topic, partitions: [query] }] }
    const options = { deadlineMs, signal: this.#stop.signal }
    const response = await this.#options.cluster.request({ node: leader.nodeId }, listOffsets, request, options)
    const answer = response.topics[0]?.partitions[0]
    if (answer === undefined) throw notMentioned()
    if (answer.errorCode !== brokerErrors.NONE) throw brokerError(answer.errorCode, 'ListOffsets')
    return answer.offset
  }

  async #fetch(
    { topic, partition }: ProducerPartition,
    leader: PartitionLeader,
    fetchOffset: bigint
  ): Promise<FetchPartitionResponse> {
    const query = {
      ...{ partition, fetchOffset, maxBytes: fetchMaxBytes },
      ...{ currentLeaderEpoch: leader.epoch, lastFetchedEpoch: -1 }
    }
    const request = {
      ...{ maxWaitMs: fetchMaxWaitMs, minBytes: 1, maxBytes: fetchMaxBytes, isolationLevel: 0, rackId: '' },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopics: [] },
      topics: [{ name: topic, topicId: null, partitions: [query] }]
    }
    const options = { deadlineMs, signal: this.#stop.signal, maxVersion: fetchMaxVersionByName }
    const response = await this.#options.cluster.request({ node: leader.nodeId }, fetch, request, options)
    const answer = response.topics[0]?.partitions[0]
    if (answer === undefined) throw notMentioned()
    return answer
  }

  #warnOnce({ where }: ProducerPartition, error: Error): void {
    if (this.#warned) return
    this.#warned = true
    const message =
      `${where}: cannot be read back after a lost answer (${error.message}); batches with old records that the target ` +
      'had stored may be there twice. Allow this principal to Read the topic'
    this.#options.logger.warn({ err: error }, message)
  }
}

function isUnclear(unit: SendUnit): boolean {
  return unit.mayBeStored && !unit.isFinal
}

/**
 * Where to begin. Before anything was settled nothing is known of the log but its end: then as far back as everything
 * sent reaches, were nobody else writing to the topic.
 */
function firstOffset({ settledOffset, window }: ProducerPartition, end: bigint): bigint {
  if (settledOffset >= 0n) return settledOffset
  const sent = window.reduce((sum, unit) => sum + unit.recordCount, 0)
  return end > BigInt(sent) ? end - BigInt(sent) : 0n
}

/** Returns the offset behind the last whole batch of `records`; 0 when there is none. */
function acknowledgeFound(partition: ProducerPartition, records: Buffer): bigint {
  let next = 0n
  for (let at = 0, end = batchEnd(records, at); end > 0; at = end, end = batchEnd(records, at)) {
    if (batchMagic(records, at) < 2) {
      next = batchBaseOffset(records, at) + 1n
      continue
    }
    next = batchLastOffset(records, at) + 1n
    const unit = partition.window.find((candidate) => isUnclear(candidate) && isStoredAs(candidate, records, at))
    if (unit !== undefined) partition.acknowledgeFound(unit, batchBaseOffset(records, at))
  }
  return next
}

/** Producer id, epoch and base sequence lie side by side, and are kept whatever a broker does to a batch. */
function isStoredAs(unit: SendUnit, records: Buffer, at: number): boolean {
  const { producerId: from, recordCount: to } = batchOffsets
  return (
    batchLastOffsetDelta(records, at) === unit.recordCount - 1 &&
    unit.records.compare(records, at + from, at + to, from, to) === 0
  )
}

function notMentioned(): MirrorError {
  return new MirrorError('MIRROR_PROTOCOL', "The broker's answer does not mention the partition", {
    retriable: true
  })
}
