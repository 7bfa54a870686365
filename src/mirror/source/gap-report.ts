import { MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type SourceGap } from '../../client/position-resolver.ts'
import { type RefusedRecords } from '../../client/raw-producer.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type SourceBatch, sourceOffsetOf } from '../../connect/source-batch.ts'
import { type HeldGaps } from './held-gaps.ts'

export interface GapReportOptions {
  /** `A->B` */
  readonly route: string
  /** `gap.policy` */
  readonly gapPolicy: 'continue' | 'fail'
  readonly heldGaps: HeldGaps
  readonly logger: Logger
}

/** What a task says of source records that will not be mirrored, and whether it fails at them. */
export class GapReport {
  readonly #options: GapReportOptions
  /** Of gaps that were warned of: `kind topic-partition`. */
  readonly #told = new Set<string>()
  #failure: MirrorError | undefined

  constructor(options: GapReportOptions) {
    this.#options = options
  }

  /** MIRROR_SOURCE_GAP: what the task is to fail with, where `gap.policy` says so. */
  get failure(): MirrorError | undefined {
    return this.#failure
  }

  /** @param startPosition where the task began to read the partition */
  lost(partition: TopicPartition, gap: SourceGap, startPosition: bigint | undefined): void {
    const { gapPolicy, heldGaps, route } = this.#options
    if (gapPolicy === 'continue') {
      this.#warn(partition, gap)
      return
    }
    // Each is held, also behind the first: a task that starts again must meet it.
    const failure = heldGaps.hold(route, partition, gap, startPosition)
    this.#failure ??= failure
  }

  refused(batch: SourceBatch, { firstIndex, count, error }: RefusedRecords): void {
    const { gapPolicy, route, logger } = this.#options
    const { topic, partition } = batch.sourcePartition.fields
    const topicPartition = topicPartitionKey(String(topic), Number(partition))
    const offsets = `${sourceOffsetOf(batch, firstIndex)} to ${sourceOffsetOf(batch, firstIndex + count - 1)}`
    const what = `Records at source offsets ${offsets} are not mirrored: the target refuses each for its size; raise max.message.bytes of ${batch.targetTopic}`
    if (gapPolicy === 'continue') {
      const fields = { route, topicPartition, offsets, err: error }
      logger.error(fields, `${what} and alter the stored offset to mirror them`)
      return
    }
    const message = `${route}: ${topicPartition}: ${what}, or set gap.policy to continue, and restart the task: gap.policy is fail`
    this.#failure ??= new MirrorError('MIRROR_SOURCE_GAP', message, { cause: error })
  }

  /** Once per partition and kind: the rest is in the metrics and in the offset map. */
  #warn({ topic, partition }: TopicPartition, { kind, fromOffset, toOffset }: SourceGap): void {
    const { route, logger } = this.#options
    const topicPartition = topicPartitionKey(topic, partition)
    const told = `${kind} ${topicPartition}`
    if (this.#told.has(told)) return
    this.#told.add(told)
    const offsets = { fromOffset: String(fromOffset), toOffset: String(toOffset) }
    logger.warn({ route, topicPartition, kind, ...offsets }, messages[kind])
  }
}

const messages = {
  retention:
    'Source records were deleted before they could be mirrored; going on at the start of what is left. Raise retention.ms or retention.bytes of the source topic, or find out why the mirror was behind',
  truncated:
    'The source log ends before what was mirrored from it: records were lost at the source, others may be mirrored twice',
  recreated: 'The source topic was deleted and created again; mirroring the new one from its start'
} as const satisfies Record<SourceGap['kind'], string>
