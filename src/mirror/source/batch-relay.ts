import { type CompressionType } from '../../config/client-settings.ts'
import { type FetchedBatch } from '../../client/fetched-batch.ts'
import { type SourceBatch, type SourcePartition } from '../../connect/source-batch.ts'
import { type BufferPool, unpooledMemory } from '../../net/buffer-pool.ts'
import { type FrameMemory } from '../../net/connection.ts'
import { codecIds } from '../../wire/compression/codecs.ts'
import { coalesce } from '../../wire/coalesce.ts'
import { upConvert } from '../../wire/legacy-message-set.ts'
import { recompress } from '../../wire/recompress.ts'
import {
  batchBaseOffset,
  batchBytes,
  batchCodec,
  batchMaxTimestamp,
  batchRecordCount,
  isDenseBatch,
  isLogAppendTimeBatch
} from '../../wire/record-batch.ts'
import { type OffsetRun, renumber } from '../../wire/renumber.ts'

/** Where the batches of one source partition go. One object a partition. */
export interface RelayPartition {
  /** Its place among the partitions of the task. */
  readonly index: number
  readonly sourcePartition: SourcePartition
  readonly sourceTopic: string
  readonly partition: number
  readonly targetTopic: string
}

/** A fetched batch on its way to the target, or a run of them. */
export class RelayedBatch implements SourceBatch {
  readonly route: RelayPartition
  readonly firstOffset: bigint
  readonly lastOffset: bigint
  readonly recordCount: number
  readonly records: Buffer
  /** Largest timestamp of its records; -1 where it has none. Read while the bytes are there: when it is settled they may be gone. */
  readonly newestMs: number
  /** Which source offsets the records have, where they are not consecutive from `firstOffset` on. */
  readonly runs: readonly OffsetRun[] | undefined
  readonly #fetched: FetchedBatch

  constructor(
    route: RelayPartition,
    fetched: FetchedBatch,
    content: Pick<RelayedBatch, 'firstOffset' | 'recordCount' | 'records' | 'runs'>
  ) {
    this.route = route
    this.firstOffset = content.firstOffset
    this.lastOffset = fetched.lastOffset
    this.recordCount = content.recordCount
    this.records = content.records
    this.runs = content.runs
    this.newestMs = content.recordCount === 0 ? -1 : newestOf(content.records)
    this.#fetched = fetched
  }

  get sourcePartition(): SourcePartition {
    return this.route.sourcePartition
  }

  /** Where the batch before it ended, unless the source's log was left out or read again in between. */
  get wantedOffset(): bigint {
    return this.#fetched.wantedOffset
  }

  /** Of the topic that it was read from. */
  get topicId(): Buffer | null {
    return this.#fetched.topicId
  }

  /** Why there are source offsets in it without a record. */
  get holeReason(): 'marker' | 'compaction' {
    return this.#fetched.verdict === 'data' ? 'compaction' : 'marker'
  }

  /** As far as is known where the source's log ends. */
  get sourceLogEnd(): bigint | undefined {
    return this.#fetched.cursor.highWatermark
  }

  get targetTopic(): string {
    return this.route.targetTopic
  }

  get targetPartition(): number {
    return this.route.partition
  }

  /** On the wire, whole. */
  get bytes(): number {
    return this.records.length
  }

  release(): void {
    this.#fetched.release()
  }

  /** Source offset of the record at `index` of the batch. */
  sourceOffset(index: number): bigint {
    let skipped = 0
    for (const run of this.runs ?? []) {
      if (index < skipped + run.count) return run.firstSourceOffset + BigInt(index - skipped)
      skipped += run.count
    }
    return this.firstOffset + BigInt(index)
  }
}

const nothing = Buffer.alloc(0)

function newestOf(records: Buffer): number {
  let newestMs = -1
  for (let at = 0; at < records.length; at += batchBytes(records, at)) {
    newestMs = Math.max(newestMs, Number(batchMaxTimestamp(records, at)))
  }
  return newestMs
}

/**
 * The batch as it lies in memory, when its header proves that the target takes it unread: magic 2, data, dense offsets,
 * nothing below the wanted offset, create times (an append time must become the create time), and the wanted codec if
 * there is one. A run is in all this like its first batch. Without records for what moves the position only. Undefined: it
 * has to be rewritten (data-plane 2.10).
 */
export function relayRaw(
  route: RelayPartition,
  fetched: FetchedBatch,
  compressionType: CompressionType | null
): RelayedBatch | undefined {
  const { records, wantedOffset } = fetched
  // Control is decided on the untouched header: once its bits are masked a marker would be stored as a data record.
  if (fetched.verdict !== 'data') return positionOnly(route, fetched)
  if (fetched.magic < 2) return undefined
  if (batchRecordCount(records, 0) === 0) return positionOnly(route, fetched)
  const firstOffset = batchBaseOffset(records, 0)
  if (!isDenseBatch(records, 0) || firstOffset < wantedOffset || isLogAppendTimeBatch(records, 0)) return undefined
  if (compressionType !== null && batchCodec(records, 0) !== codecIds[compressionType]) return undefined
  const recordCount = Number(fetched.lastOffset - firstOffset) + 1
  return new RelayedBatch(route, fetched, { firstOffset, recordCount, records, runs: undefined })
}

/** Runs of a busy partition, of half a MiB, fit with what renumbering adds; shorter ones would waste most of it. */
export const mergePoolLimits = { bufferBytes: 640 * 1024, pooledBytes: 16 * 1024 * 1024 }
const pooledFromBytes = 128 * 1024

/**
 * A run of small batches as one in memory of `pool`, its receive buffer given back. Throws when one of them is corrupt:
 * relay them apart then, and the target refuses that one alone.
 */
export function relayMerged(route: RelayPartition, fetched: FetchedBatch, pool: BufferPool): RelayedBatch {
  const { records, memory } = merge(fetched.records, pool)
  const content = {
    firstOffset: batchBaseOffset(fetched.records, 0),
    recordCount: batchRecordCount(records, 0),
    records,
    runs: undefined
  }
  fetched.moveTo(memory)
  return new RelayedBatch(route, fetched, content)
}

function merge(run: Buffer, pool: BufferPool): { readonly records: Buffer; readonly memory: FrameMemory } {
  if (run.length < pooledFromBytes) return { records: coalesce([run]), memory: unpooledMemory }
  let memory: FrameMemory = unpooledMemory
  try {
    const records = coalesce([run], (bytes) => {
      const buffer = pool.take(bytes)
      memory = buffer
      return buffer.bytes
    })
    return { records, memory }
  } catch (thrown) {
    memory.release()
    throw thrown
  }
}

/** The slow path: decodes and re-encodes this batch alone. Rejects on bytes that cannot be decoded. */
export async function relayRewritten(
  route: RelayPartition,
  fetched: FetchedBatch,
  compressionType: CompressionType | null
): Promise<RelayedBatch> {
  const { records, magic, wantedOffset } = fetched
  const rewritten = await (magic < 2 ? upConvert(records, wantedOffset) : renumber(records, wantedOffset))
  const first = rewritten.runs[0]
  if (rewritten.recordCount === 0 || first === undefined) return positionOnly(route, fetched)
  const { recordCount, runs } = rewritten
  const mustRecompress = compressionType !== null && batchCodec(rewritten.batch, 0) !== codecIds[compressionType]
  const batch = mustRecompress ? await recompress(rewritten.batch, codecIds[compressionType]) : rewritten.batch
  return new RelayedBatch(route, fetched, { firstOffset: first.firstSourceOffset, recordCount, records: batch, runs })
}

function positionOnly(route: RelayPartition, fetched: FetchedBatch): RelayedBatch {
  const content = { firstOffset: fetched.wantedOffset, recordCount: 0, records: nothing, runs: undefined }
  return new RelayedBatch(route, fetched, content)
}
