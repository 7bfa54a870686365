import { type TopicPartition } from '../../client/topic-partition.ts'
import { type RefusedRecords } from '../../client/raw-producer.ts'
import { type SourceGap } from '../../client/position-resolver.ts'
import { TransformedBatch } from '../../connect/pipeline/transformed-batch.ts'
import { type SourceBatch } from '../../connect/source-batch.ts'
import { type MirrorMetrics } from '../metrics/mirror-metrics.ts'
import { type MetricTask } from '../metrics/route-names.ts'
import { type SourceTaskMetrics } from '../metrics/source-task-metrics.ts'
import { type StoppedPartitions } from '../metrics/stopped-partitions.ts'
import { type SourceLogState } from '../metrics/replication-lag.ts'
import { RelayedBatch } from './batch-relay.ts'

/** Tells metrics of the batches and gaps of one source task. Partitions go by their index in the task. */
export class BatchMeter {
  readonly #gaps: MirrorMetrics['gaps']
  readonly #task: SourceTaskMetrics
  readonly #stopped: StoppedPartitions
  readonly #partitions: readonly TopicPartition[]
  /** Records of the parts that were settled of the batch whose parts are under way. */
  readonly #settledOfParts: number[] = []

  /** @param partitions by their names at the target */
  constructor(metrics: MirrorMetrics, task: MetricTask, partitions: readonly TopicPartition[]) {
    this.#gaps = metrics.gaps
    this.#task = metrics.sourceTask(task, partitions)
    this.#stopped = metrics.stoppedPartitions('source')
    this.#partitions = partitions
  }

  /** @param logs as the fetcher knows them, for lag */
  follow(logs: readonly SourceLogState[]): void {
    this.#task.follow(logs)
  }

  polled(batches: readonly RelayedBatch[]): void {
    for (const batch of batches) this.#task.polled(batch.route.index, batch.firstOffset, batch)
  }

  /** In order per partition; a batch, or a part that transforms made of one. */
  settled(batch: SourceBatch, refused: readonly RefusedRecords[]): void {
    const original = batch instanceof TransformedBatch ? batch.original : batch
    if (!(original instanceof RelayedBatch)) return
    const { index } = original.route
    let left = 0
    for (const { count } of refused) left += count
    if (left > 0) this.#gap(index, 'refused', left)
    const recordCount = batch.recordCount - left
    this.#task.settled(index, batch.lastOffset + 1n, { recordCount, newestMs: original.newestMs })
    if (batch !== original) this.#countFiltered(index, batch, original)
  }

  gap(index: number, { kind, fromOffset, toOffset }: SourceGap): void {
    this.#gap(index, kind, toOffset < fromOffset ? 0 : Number(toOffset - fromOffset))
    if (kind !== 'retention') this.#task.logReplaced(index)
  }

  /** The partition cannot be read until an operator acts. */
  stopped(index: number): void {
    const partition = this.#partitions[index]
    if (partition !== undefined) this.#stopped.stopped(partition)
  }

  resumed(index: number): void {
    const partition = this.#partitions[index]
    if (partition !== undefined) this.#stopped.resumed(partition)
  }

  close(): void {
    this.#task.close()
    this.#stopped.close()
  }

  #countFiltered(index: number, part: SourceBatch, original: RelayedBatch): void {
    const settled = (this.#settledOfParts[index] ?? 0) + part.recordCount
    const isLast = part.lastOffset === original.lastOffset
    this.#settledOfParts[index] = isLast ? 0 : settled
    if (isLast && settled < original.recordCount) this.#gap(index, 'filtered', original.recordCount - settled)
  }

  #gap(index: number, kind: Parameters<MirrorMetrics['gaps']['record']>[1], records: number): void {
    const partition = this.#partitions[index]
    if (partition !== undefined) this.#gaps.record(partition, kind, records)
  }
}
