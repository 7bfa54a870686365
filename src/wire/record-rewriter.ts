import { batchHeaderBytes } from './record-batch.ts'
import { RecordCursor } from './record-cursor.ts'
import { type Delta, putVarint, putVarlong, varintBytes, varlongBytes } from './varint.ts'

/**
 * Renumbers records within one buffer: the source payloads are copied to its end, one native copy each, and every record
 * moves from there to its new place further ahead. A move inside one buffer is the only copy in Node that makes no object
 * and costs 20 ns; it is right because records never grow by more than the room before them.
 */
export class RecordRewriter {
  /** Over all payloads, in order. */
  readonly cursor: RecordCursor
  /** Room for a batch header, then the rewritten records. */
  readonly buffer: Buffer
  #end = batchHeaderBytes
  #kept = 0

  /** @param growthBytes How much longer the kept records may become in all: see `recordGrowth`. */
  constructor(payloads: readonly Uint8Array[], growthBytes: number) {
    let start = batchHeaderBytes + growthBytes
    let total = start
    for (const payload of payloads) total += payload.length
    this.buffer = Buffer.allocUnsafe(total)
    this.cursor = new RecordCursor(this.buffer, start, total)
    for (const payload of payloads) {
      this.buffer.set(payload, start)
      start += payload.length
    }
  }

  get kept(): number {
    return this.#kept
  }

  /** Where the kept records end. */
  get end(): number {
    return this.#end
  }

  /** Appends the record under the cursor as the next one, with another timestamp delta. */
  keep(timestampDelta: Delta): void {
    const { buffer, cursor } = this
    const { restAt, recordEnd } = cursor
    const body = 1 + varlongBytes(timestampDelta) + varintBytes(this.#kept) + recordEnd - restAt
    let at = putVarint(buffer, this.#end, body)
    buffer[at++] = cursor.attributes
    at = putVarlong(buffer, at, timestampDelta)
    at = putVarint(buffer, at, this.#kept)
    buffer.copyWithin(at, restAt, recordEnd)
    this.#end = at + recordEnd - restAt
    this.#kept += 1
  }
}

/**
 * By how much `count` of `total` records can grow when their timestamp deltas are shifted by `shift`: a longer offset
 * delta, a longer timestamp delta (|a + b| needs at most one byte more than the longer of a and b), a longer length.
 */
export function recordGrowth(count: number, total: number, shift: Delta): number {
  const timestampBytes = shift === 0 ? 0 : Math.min(varlongBytes(shift), 9)
  return count * (varintBytes(total) - 1 + timestampBytes + 1)
}
