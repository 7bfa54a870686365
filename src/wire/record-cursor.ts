import { ProtocolError } from './reader.ts'
import { type Delta, exactDelta, toDelta } from './varint.ts'

/**
 * Steps through the records of an inflated magic 2 payload and reads what comes before the key, without an object per
 * record: the fields below are those of the record that the last `next` found.
 *
 *   record => length VARINT, attributes INT8, timestamp_delta VARLONG, offset_delta VARINT,
 *             key_length VARINT, key, value_length VARINT, value, header_count VARINT, [key, value]
 *
 * Lengths are checked against the payload; hostile bytes end in ProtocolError. The cursor never looks at bytes before the
 * record it is on, so that the space behind it can be written over.
 */
export class RecordCursor {
  readonly bytes: Buffer
  attributes = 0
  timestampDelta: Delta = 0
  offsetDelta = 0
  /** Where the key length starts. */
  restAt = 0
  recordEnd: number
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.#at = start
    this.#end = end
    this.recordEnd = start
  }

  /** Moves to the next record; throws ProtocolError when there is none. */
  next(): void {
    this.#at = this.recordEnd
    const length = this.#varint()
    const start = this.#at
    if (length < 6 || length > this.#end - start) {
      throw new ProtocolError(`Record at byte ${start} has length ${length}, but ${this.#end - start} bytes are left`)
    }
    this.attributes = this.#byte()
    this.timestampDelta = this.#varlong()
    this.offsetDelta = this.#varint()
    this.restAt = this.#at
    this.recordEnd = start + length
    if (this.restAt >= this.recordEnd) throw new ProtocolError(`Record at byte ${start} ends within its own prefix`)
  }

  /** Throws ProtocolError unless the records end at `end`: a batch whose count is a lie is not to be trusted. */
  expectEnd(end = this.#end): void {
    if (this.recordEnd !== end) {
      throw new ProtocolError(`Records end at byte ${this.recordEnd} of their payload instead of ${end}`)
    }
  }

  /** The timestamp delta against a base that is `shift` lower; 64 bits that wrap. `shift` must be of `toDelta`. */
  shiftedTimestampDelta(shift: Delta): Delta {
    const delta = this.timestampDelta
    if (typeof delta === 'number' && typeof shift === 'number') {
      const sum = delta + shift
      if (Math.abs(sum) <= exactDelta) return sum
    }
    return toDelta(BigInt(delta) + BigInt(shift))
  }

  #byte(): number {
    const byte = this.bytes[this.#at++]
    if (byte === undefined) throw new ProtocolError(`Records end at byte ${this.bytes.length} within a record`)
    return byte
  }

  #varint(): number {
    let byte = this.#byte()
    let zigzag = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      if (shift > 28) throw new ProtocolError(`Varint at byte ${this.#at} is longer than 5 bytes`)
      byte = this.#byte()
      zigzag |= (byte & 127) << shift
    }
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  /** Four bytes are read as integers, seven as doubles, ten as bigints: the common deltas cost least. */
  #varlong(): Delta {
    let byte = this.#byte()
    let zigzag = byte & 127
    for (let shift = 7; byte > 127; shift += 7) {
      if (shift > 21) return this.#longVarlong(zigzag)
      byte = this.#byte()
      zigzag |= (byte & 127) << shift
    }
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  #longVarlong(low28: number): Delta {
    let zigzag = low28
    let byte = 128
    for (let factor = 2 ** 28; byte > 127; factor *= 128) {
      if (factor > 2 ** 42) return this.#wideVarlong(zigzag)
      byte = this.#byte()
      zigzag += (byte & 127) * factor
    }
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
  }

  #wideVarlong(low49: number): Delta {
    let zigzag = BigInt(low49)
    let byte = 128
    for (let shift = 49n; byte > 127; shift += 7n) {
      if (shift > 63n) throw new ProtocolError(`Varlong at byte ${this.#at} is longer than 10 bytes`)
      byte = this.#byte()
      zigzag |= BigInt(byte & 127) << shift
    }
    return toDelta((BigInt.asUintN(64, zigzag) >> 1n) ^ -(zigzag & 1n))
  }
}
