import { closeBatch, openDataBatch } from './batch-payload.ts'
import { ProtocolError } from './reader.ts'
import {
  batchBaseOffset,
  batchBaseTimestamp,
  batchCodec,
  batchLastOffsetDelta,
  batchMaxTimestamp,
  batchRecordCount,
  isLogAppendTimeBatch,
  smallestRecordBytes
} from './record-batch.ts'
import { RecordRewriter, recordGrowth } from './record-rewriter.ts'
import { type Delta } from './varint.ts'

/** Kept records that were consecutive at the source. Record index in the new batch = sum of the counts before. */
export interface OffsetRun {
  readonly firstSourceOffset: bigint
  readonly count: number
}

export interface RenumberedBatch {
  /** Dense, CreateTime, magic 2, no producer; empty when recordCount is 0. */
  readonly batch: Buffer
  readonly recordCount: number
  readonly runs: readonly OffsetRun[]
}

/** Collects source offsets, given in rising order, into runs. */
export class OffsetRuns {
  readonly #runs: { firstSourceOffset: bigint; count: number }[] = []
  #next = 0n

  add(offset: bigint): void {
    const last = this.#runs.at(-1)
    if (last === undefined || offset > this.#next) this.#runs.push({ firstSourceOffset: offset, count: 1 })
    else if (offset === this.#next) last.count += 1
    else throw new ProtocolError(`Offset ${offset} comes after offset ${this.#next - 1n} in a record batch`)
    this.#next = offset + 1n
  }

  toArray(): readonly OffsetRun[] {
    return this.#runs
  }
}

/**
 * Rewrites a magic 2 batch that the target would refuse or misread: offsets made dense, records below `fromOffset` left
 * out, append times made create times (brokers from 3.6 on would bring the producer's times back). Keeps the codec.
 * Rejects with MIRROR_CODEC, MIRROR_PROTOCOL, MIRROR_BATCH_INVALID.
 */
export async function renumber(batch: Buffer, fromOffset: bigint, maxInflatedBytes?: number): Promise<RenumberedBatch> {
  const payload = await openDataBatch(batch, maxInflatedBytes)
  const baseOffset = batchBaseOffset(batch, 0)
  const count = batchRecordCount(batch, 0)
  const appended = isLogAppendTimeBatch(batch, 0)
  const mostRecords = Math.min(count, Math.floor(payload.length / smallestRecordBytes))
  const rewriter = new RecordRewriter(payload.length, recordGrowth(mostRecords, mostRecords))
  rewriter.load(payload)
  const { cursor } = rewriter
  const runs = new OffsetRuns()
  let latest: Delta = appended ? 0 : -Infinity
  for (let index = 0; index < count; index++) {
    cursor.next()
    const offset = baseOffset + BigInt(cursor.offsetDelta)
    if (offset < fromOffset) continue
    runs.add(offset)
    const delta = appended ? 0 : cursor.timestampDelta
    if (delta > latest) latest = delta
    rewriter.keep(delta)
  }
  cursor.expectEnd()
  if (count > 0 && cursor.offsetDelta > batchLastOffsetDelta(batch, 0)) {
    throw new ProtocolError(`Offset delta ${cursor.offsetDelta} is beyond the last one that the batch names`)
  }
  const recordCount = rewriter.kept
  if (recordCount === 0) return { batch: Buffer.alloc(0), recordCount, runs: [] }
  const baseTimestamp = appended ? batchMaxTimestamp(batch, 0) : batchBaseTimestamp(batch, 0)
  const renumbered = await closeBatch(rewriter.buffer.subarray(0, rewriter.end), {
    codec: batchCodec(batch, 0),
    lastOffsetDelta: recordCount - 1,
    baseTimestamp,
    maxTimestamp: BigInt.asIntN(64, baseTimestamp + BigInt(latest)),
    recordCount
  })
  return { batch: renumbered, recordCount, runs: runs.toArray() }
}
