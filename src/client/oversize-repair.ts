import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type BatchPart, splitBatch } from '../wire/split-batch.ts'
import { type MessageSizeLimits } from './message-size-limits.ts'
import { type ProducerPartition } from './producer-partition.ts'
import { dividePiece, type QueuedBatch, type RecordStretch, type SendUnit } from './send-unit.ts'

const noRecords = Buffer.alloc(0)

/** Makes smaller ones of a batch that the target refused for its size. */
export class OversizeRepair {
  readonly #limits: MessageSizeLimits
  readonly #logger: Logger

  constructor(limits: MessageSizeLimits, logger: Logger) {
    this.#limits = limits
    this.#logger = logger
  }

  /**
   * What to send in place of `unit`. The size that the target takes is its topic's `max.message.bytes`; where that is
   * unknown, or the batch is within it (a broker that recompresses checks the size again), half of what was refused.
   */
  async repair(partition: ProducerPartition, unit: SendUnit): Promise<readonly QueuedBatch[]> {
    const bytes = unit.records.length
    const limit = await this.#limits.of(partition.topic)
    const isLimitKnown = limit !== null && limit < bytes
    const [piece] = unit.pieces
    if (piece === undefined) return []
    if (unit.pieces.length > 1) {
      const merged = Math.floor((isLimitKnown ? limit : bytes) / 2)
      partition.largestMergedBytes = Math.min(partition.largestMergedBytes, merged)
      return unit.pieces
    }
    if (piece.count === 1) {
      const refusal = this.#refusal(partition, piece, { firstIndex: 0, count: 1, size: `${bytes} bytes` })
      return [{ ...piece, refusal }]
    }
    const parts = isLimitKnown ? await splitBatch(piece.records, limit) : await this.#bisect(piece.records)
    return dividePiece(
      piece,
      parts.map((part) => this.#stretch(partition, piece, part))
    )
  }

  /** Only a single record that was itself refused is given up: a larger half is tried before that. */
  async #bisect(records: Buffer): Promise<BatchPart[]> {
    for (let bytes = Math.floor(records.length / 2); ; bytes = Math.ceil((bytes + records.length) / 2)) {
      const parts = await splitBatch(records, bytes)
      if (bytes >= records.length - 1 || parts.every((part) => part.batch !== null)) return parts
    }
  }

  #stretch(partition: ProducerPartition, piece: QueuedBatch, part: BatchPart): RecordStretch {
    const { firstIndex, count, batch } = part
    if (batch !== null) return { firstIndex, count, records: batch, refusal: null }
    const refusal = this.#refusal(partition, piece, { firstIndex, count, size: 'more than max.message.bytes' })
    return { firstIndex, count, records: noRecords, refusal }
  }

  #refusal(
    { where }: ProducerPartition,
    piece: QueuedBatch,
    record: { readonly firstIndex: number; readonly count: number; readonly size: string }
  ): MirrorError {
    const first = piece.firstIndex + record.firstIndex
    const last = first + record.count - 1
    const message =
      `${where}: records ${first}-${last} of a batch of ${piece.batch.recordCount} are too large for the target by ` +
      `themselves (${record.size}) and left out: raise max.message.bytes of the target topic before the next one`
    const error = new MirrorError('MIRROR_RECORD_REFUSED', message)
    // Whoever sent the batch is told by `settled`, and knows the source offsets.
    this.#logger.debug({ code: error.code }, message)
    return error
  }
}
