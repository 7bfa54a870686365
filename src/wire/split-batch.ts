import { closeBatch, openDataBatch } from './batch-payload.ts'
import { ProtocolError } from './reader.ts'
import {
  batchBaseTimestamp,
  batchCodec,
  batchHeaderBytes,
  batchRecordCount,
  isDenseBatch,
  isLogAppendTimeBatch
} from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'
import { RecordRewriter } from './record-rewriter.ts'
import { type Delta } from './varint.ts'

/** A stretch of the split batch's records. `batch` is null for one record that is too large by itself. */
export interface BatchPart {
  readonly firstIndex: number
  readonly count: number
  readonly batch: Buffer | null
}

/**
 * Splits a dense CreateTime batch into batches of at most `maxBytes` each (with the 12 byte prefix), in order, with the
 * same codec. The parts are as few as they can be without a codec; with one they are found by trying.
 * Rejects with MIRROR_CODEC, MIRROR_PROTOCOL, MIRROR_BATCH_INVALID.
 */
export async function splitBatch(batch: Buffer, maxBytes: number, maxInflatedBytes?: number): Promise<BatchPart[]> {
  const payload = await openDataBatch(batch, maxInflatedBytes)
  if (!isDenseBatch(batch, 0) || isLogAppendTimeBatch(batch, 0)) {
    throw new ProtocolError('Only a dense CreateTime batch can be split; renumber it first')
  }
  const splitter = new Splitter(batch, payload, maxBytes)
  await splitter.split()
  return splitter.parts
}

class Splitter {
  readonly parts: BatchPart[] = []
  readonly #source: Buffer
  readonly #payload: Buffer
  readonly #maxBytes: number
  /** ends[i]: where record i ends in the payload. */
  readonly #ends: number[]

  constructor(source: Buffer, payload: Buffer, maxBytes: number) {
    this.#source = source
    this.#payload = payload
    this.#maxBytes = maxBytes
    this.#ends = recordEnds(payload, batchRecordCount(source, 0))
  }

  async split(): Promise<void> {
    const count = this.#ends.length
    if (batchCodec(this.#source, 0) === 0) {
      for (let from = 0; from < count;) from = await this.#addUncompressed(from)
      return
    }
    // Compressed sizes are only known afterwards: too large a stretch is cut in as many pieces as its size suggests.
    const stretches: (readonly [from: number, to: number])[] = [[0, count]]
    for (let stretch = stretches.pop(); stretch !== undefined; stretch = stretches.pop()) {
      const [from, to] = stretch
      const part = await this.#encode(from, to, batchCodec(this.#source, 0))
      if (part.length <= this.#maxBytes) this.parts.push({ firstIndex: from, count: to - from, batch: part })
      else if (to - from === 1) await this.#addAlone(from)
      else stretches.push(...cut(from, to, part.length / this.#maxBytes))
    }
  }

  /** Adds as many records from `from` on as fit without a codec, or reports the first; returns where the next part starts. */
  async #addUncompressed(from: number): Promise<number> {
    const room = this.#startOf(from) + this.#maxBytes - batchHeaderBytes
    let to = from + 1
    while (to < this.#ends.length && this.#startOf(to + 1) <= room) to++
    const batch = await this.#encode(from, to, 0)
    this.parts.push({ firstIndex: from, count: to - from, batch: batch.length <= this.#maxBytes ? batch : null })
    return to
  }

  /** A record that its codec does not make small enough may be so without: what does not compress grows. */
  async #addAlone(index: number): Promise<void> {
    const batch = await this.#encode(index, index + 1, 0)
    this.parts.push({ firstIndex: index, count: 1, batch: batch.length <= this.#maxBytes ? batch : null })
  }

  async #encode(from: number, to: number, codec: number): Promise<Buffer> {
    // Offset and timestamp deltas only shrink here, so the records need no room to grow.
    const rewriter = new RecordRewriter(this.#startOf(to) - this.#startOf(from), 0)
    rewriter.load(this.#payload, this.#startOf(from), this.#startOf(to))
    const alone = to - from === 1
    let latest: Delta = -Infinity
    for (let index = from; index < to; index++) {
      rewriter.cursor.next()
      const delta = rewriter.cursor.timestampDelta
      if (delta > latest) latest = delta
      rewriter.keep(alone ? 0 : delta)
    }
    const baseTimestamp = batchBaseTimestamp(this.#source, 0)
    const maxTimestamp = BigInt.asIntN(64, baseTimestamp + BigInt(latest))
    return await closeBatch(rewriter.buffer.subarray(0, rewriter.end), {
      codec,
      lastOffsetDelta: to - from - 1,
      // A record alone is its own base: no byte that could be spared makes it too large.
      baseTimestamp: alone ? maxTimestamp : baseTimestamp,
      maxTimestamp,
      recordCount: to - from
    })
  }

  #startOf(index: number): number {
    return this.#ends[index - 1] ?? 0
  }
}

function recordEnds(payload: Buffer, count: number): number[] {
  const cursor = new RecordCursor(payload)
  const ends: number[] = []
  for (let index = 0; index < count; index++) {
    cursor.next()
    if (cursor.offsetDelta !== index) throw new ProtocolError(`Record ${index} has offset delta ${cursor.offsetDelta}`)
    ends.push(cursor.recordEnd)
  }
  cursor.expectEnd()
  return ends
}

/** Cuts [from, to) into about `ratio` pieces, at least two; the last one first, as a stack wants them. */
function cut(from: number, to: number, ratio: number): (readonly [from: number, to: number])[] {
  const step = Math.ceil((to - from) / Math.max(Math.ceil(ratio), 2))
  const pieces: (readonly [number, number])[] = []
  for (let start = from; start < to; start += step) pieces.push([start, Math.min(start + step, to)])
  return pieces.reverse()
}
