import { type AckedRun } from '../../client/raw-producer.ts'
import { isSameTopicId } from '../../client/topic-id.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { TransformedBatch } from '../../connect/pipeline/transformed-batch.ts'
import { type SourceBatch } from '../../connect/source-batch.ts'
import { type OffsetMap } from '../../mirror-client/offset-map/offset-map.ts'
import { type HoleReason } from '../../mirror-client/offset-map/partition-map.ts'
import { PartitionMapWriter } from '../../mirror-client/offset-map/partition-map-writer.ts'
import { type RelayedBatch, type RelayPartition } from './batch-relay.ts'
import { type SyncedPartition } from './offset-sync-queue.ts'
import { type OffsetSyncWriter } from './offset-sync-writer.ts'

/** The log of a target partition. */
export interface TargetLog {
  readonly topicId: Buffer | null
  /** Next offset; asked for before anything is sent there, or at least before what is told next. */
  readonly end: bigint
}

/** Undefined: none. */
export interface LedgerOutputs {
  readonly map: OffsetMap | undefined
  readonly syncs: OffsetSyncWriter | undefined
}

/** Where a task goes on. */
export interface LedgerStart {
  /** Stored source position; undefined where there is none. */
  readonly position: bigint | undefined
  /** Of the source topic that it belongs to; null where that is not known. */
  readonly topicId: Buffer | null
}

/**
 * What became of every source offset of one partition, told in order: to the offset map all of it, to the offset syncs where
 * records are. Constant work for a batch that passed unread.
 */
export class PartitionLedger {
  readonly route: RelayPartition
  writer: PartitionMapWriter | undefined
  /** Among those that have something to write. */
  isListed = false
  #map: OffsetMap | undefined
  readonly #syncs: OffsetSyncWriter | undefined
  /** Undefined while it is to be looked up: without it no map is begun. */
  #target: TargetLog | undefined
  readonly #synced: SyncedPartition | undefined
  #isFresh: boolean
  /** Source offset behind all that was told; undefined before the start is known. */
  #next: bigint | undefined
  #nextTarget = -1n
  /** Id of the target topic that the writer's map is of. */
  #writtenTo: Buffer | null = null
  #topicId: Buffer | null
  /** The batch whose parts are being told. */
  #current: RelayedBatch | undefined

  constructor(route: RelayPartition, { position, topicId }: LedgerStart, outputs: LedgerOutputs) {
    this.route = route
    this.#map = outputs.map
    this.#syncs = outputs.syncs
    this.#synced = outputs.syncs?.partition(route.sourceTopic, route.partition)
    this.#isFresh = position === undefined
    this.#next = position
    this.#topicId = topicId
  }

  get targetPartition(): TopicPartition {
    return { topic: this.route.targetTopic, partition: this.route.partition }
  }

  /** Whether what is told goes to the offset map, or will once that can be begun. */
  get isMapped(): boolean {
    return this.#map !== undefined
  }

  /** Whether the map needs to know the target's log, which is not known, or may be another one by now. */
  get needsTarget(): boolean {
    return this.isMapped && this.#target === undefined
  }

  /** What was told so far is of no use to a map of another topic. */
  foundTarget(target: TargetLog): void {
    if (!isSameTopicId(target.topicId, this.#writtenTo)) this.writer = undefined
    this.#target = target
  }

  /** The map cannot be kept: from now on nothing is gathered for it. */
  endMap(): void {
    this.#map = undefined
    this.writer = undefined
  }

  /** @param batch the original, or a part that transforms made of it */
  settled(original: RelayedBatch, batch: SourceBatch, acked: readonly AckedRun[]): void {
    if (this.#current !== original) this.#begin(original)
    const isHere = batch.targetTopic === this.route.targetTopic && batch.targetPartition === this.route.partition
    let reason: HoleReason = original.holeReason
    if (batch instanceof TransformedBatch) {
      reason = 'filtered'
      // Positions in another partition translate to nothing that could be told here: there the records are left out.
      if (isHere) this.#tellTransformed(batch, acked)
    } else if (original.runs !== undefined) this.#tellRuns(original, acked)
    else if (batch.recordCount > 0) this.#tell(batch.firstOffset, 0, batch.recordCount, acked)
    this.#skipTo(batch.lastOffset + 1n, reason)
    // All of it is told. Kept until the partition's next one comes, it would hold memory that its pool has given up.
    if (batch.lastOffset === original.lastOffset) this.#current = undefined
  }

  /** Where the source was left out or read again since the batch before. */
  #begin(batch: RelayedBatch): void {
    this.#current = batch
    const { wantedOffset, topicId } = batch
    if (topicId !== this.#topicId && topicId !== null) {
      const isRecreated = this.#topicId !== null && !topicId.equals(this.#topicId)
      this.#topicId = topicId
      if (isRecreated) {
        this.writer?.recreated(this.#next ?? wantedOffset, wantedOffset, topicId)
        this.#next = wantedOffset
      }
    }
    this.#next ??= wantedOffset
    this.#startMap()
    this.#isFresh = false
    if (wantedOffset > this.#next) this.#skipTo(wantedOffset, 'retention')
    else if (wantedOffset < this.#next) {
      this.writer?.skipped(this.#next, wantedOffset, 'recreated')
      this.#next = wantedOffset
    }
    if (batch.sourceLogEnd !== undefined) this.writer?.sourceEnds(batch.sourceLogEnd)
  }

  #startMap(): void {
    const map = this.#map
    const position = this.#next
    const target = this.#target
    if (map === undefined || this.writer !== undefined || target === undefined || position === undefined) return
    this.#writtenTo = target.topicId
    this.writer = new PartitionMapWriter(map, {
      topic: this.route.sourceTopic,
      partition: this.route.partition,
      sourceTopicId: this.#topicId,
      targetTopicId: target.topicId,
      // What this task has sent before the end was asked for is told from here on.
      targetLogEnd: this.#nextTarget >= 0n && this.#nextTarget < target.end ? this.#nextTarget : target.end,
      position,
      isFresh: this.#isFresh
    })
  }

  #tellRuns(batch: RelayedBatch, acked: readonly AckedRun[]): void {
    let index = 0
    for (const { firstSourceOffset, count } of batch.runs ?? []) {
      this.#skipTo(firstSourceOffset, batch.holeReason)
      this.#tell(firstSourceOffset, index, count, acked)
      index += count
    }
  }

  #tellTransformed(batch: TransformedBatch, acked: readonly AckedRun[]): void {
    let nextIndex = 0
    let start = 0
    while (start < batch.recordCount) {
      const first = batch.sourceOffset(start)
      let end = start + 1
      while (end < batch.recordCount && batch.sourceOffset(end) === first + BigInt(end - start)) end += 1
      this.#skipTo(first, batch.originalIndex(start) > nextIndex ? 'filtered' : 'compaction')
      this.#tell(first, start, end - start, acked)
      nextIndex = batch.originalIndex(end - 1) + 1
      start = end
    }
  }

  /** Consecutive records: the one at `index` of the batch is at source offset `upstream`. What was not acknowledged is refused. */
  #tell(upstream: bigint, index: number, count: number, acked: readonly AckedRun[]): void {
    this.#skipTo(upstream, 'compaction')
    let told = 0
    for (const { firstIndex, count: length, baseOffset } of acked) {
      const from = Math.max(firstIndex - index, told)
      const to = Math.min(firstIndex + length - index, count)
      if (from >= to) continue
      if (from > told) this.#skipTo(upstream + BigInt(from), 'refused')
      const downstream = baseOffset < 0n ? -1n : baseOffset + BigInt(index + from - firstIndex)
      this.#mirrored(upstream + BigInt(from), downstream, to - from)
      told = to
    }
    if (told < count) this.#skipTo(upstream + BigInt(count), 'refused')
  }

  #mirrored(upstream: bigint, downstream: bigint, count: number): void {
    if (downstream >= 0n) {
      // The target's log has lost its end, or is that of another topic by now.
      if (downstream < this.#nextTarget) this.#target = undefined
      this.#nextTarget = downstream + BigInt(count)
      if (this.#synced !== undefined) this.#syncs?.offer(this.#synced, upstream, downstream, count)
    }
    this.writer?.mirrored(upstream, downstream, count)
    this.#next = upstream + BigInt(count)
  }

  #skipTo(offset: bigint, reason: HoleReason): void {
    const next = this.#next ?? offset
    if (offset <= next) return
    this.writer?.skipped(next, offset, reason)
    this.#next = offset
  }
}
