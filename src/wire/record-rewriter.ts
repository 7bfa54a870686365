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
  #loadedEnd: number
  #end = batchHeaderBytes
  #kept = 0

  /**
   * @param growthBytes How much longer the kept records may become in all: see `recordGrowth` and `timestampGrowth`.
   * @param allocate gives at least so many bytes
   */
  constructor(payloadBytes: number, growthBytes: number, allocate: (bytes: number) => Buffer = allocateUnsafe) {
    const start = batchHeaderBytes + growthBytes
    this.buffer = allocate(start + payloadBytes)
    this.cursor = new RecordCursor(this.buffer, start, start + payloadBytes)
    this.#loadedEnd = start
  }

  /** Copies a payload behind those before. All have to be loaded before the cursor starts. */
  load(source: Buffer, start = 0, end = source.length): void {
    this.#loadedEnd += source.copy(this.buffer, this.#loadedEnd, start, end)
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

function allocateUnsafe(bytes: number): Buffer {
  return Buffer.allocUnsafe(bytes)
}

/** By how much `count` of `total` records can grow when they are renumbered: a longer offset delta, a longer length. */
export function recordGrowth(count: number, total: number): number {
  return count * varintBytes(total)
}

/**
 * By how much a record can grow besides when `shift` is added to its timestamp delta: a sum needs at most one byte more
 * than the longer of its parts.
 */
export function timestampGrowth(shift: Delta): number {
  return shift === 0 ? 0 : Math.min(varlongBytes(shift), 9)
}
