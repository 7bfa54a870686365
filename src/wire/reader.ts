import { MirrorError } from '../base/errors.ts'

/** Bytes ended early, or a length or count is impossible: never trusted, never allocated for. */
export class ProtocolError extends MirrorError {
  constructor(message: string, cause?: unknown) {
    super('MIRROR_PROTOCOL', message, { cause })
  }
}

const zeroUuid = Buffer.alloc(16)
/** Shared, so that an empty field keeps no frame alive. */
const emptyBytes = Buffer.alloc(0)

/**
 * Reads Kafka's primitive types from one frame. Every length is checked against the bytes that are left before
 * anything is allocated for it: hostile bytes end in ProtocolError, not in memory or time.
 *
 * With `flexible`, strings, byte runs and arrays are read in their compact form (KIP-482).
 */
export class Reader {
  readonly buffer: Buffer
  readonly flexible: boolean
  offset: number

  constructor(buffer: Buffer, flexible = false, offset = 0) {
    this.buffer = buffer
    this.flexible = flexible
    this.offset = offset
  }

  get remaining(): number {
    return this.buffer.length - this.offset
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.#take(8))
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.#take(1))
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    throw new ProtocolError(`Varint at byte ${this.offset} is longer than 5 bytes`)
  }

  /** Sixteen bytes, copied; the zero UUID is null. */
  uuid(): Buffer | null {
    const at = this.#take(16)
    if (this.buffer.compare(zeroUuid, 0, 16, at, at + 16) === 0) return null
    return Buffer.from(this.buffer.subarray(at, at + 16))
  }

  string(): string {
    const value = this.nullableString()
    if (value === null) throw new ProtocolError(`Null string at byte ${this.offset} where one is required`)
    return value
  }

  nullableString(): string | null {
    const length = this.flexible ? this.unsignedVarint() - 1 : this.int16()
    if (length < 0) return this.#null(length)
    const at = this.#take(length)
    return this.buffer.toString('utf8', at, at + length)
  }

  /** A view into the frame, not a copy; null where the sender wrote null. */
  nullableBytes(): Buffer | null {
    const length = this.flexible ? this.unsignedVarint() - 1 : this.int32()
    if (length < 0) return this.#null(length)
    const at = this.#take(length)
    return length === 0 ? emptyBytes : this.buffer.subarray(at, at + length)
  }

  /** A view into the frame; null counts as empty. */
  bytes(): Buffer {
    return this.nullableBytes() ?? emptyBytes
  }

  /** Reads an array; null counts as empty. */
  array<T>(read: () => T): T[] {
    return this.nullableArray(read) ?? []
  }

  nullableArray<T>(read: () => T): T[] | null {
    const count = this.arrayLength()
    if (count < 0) return null
    const items: T[] = []
    for (let index = 0; index < count; index++) items.push(read())
    return items
  }

  /** The element count, -1 for null. Each element takes at least a byte, so a count beyond the rest is a lie. */
  arrayLength(): number {
    const count = this.flexible ? this.unsignedVarint() - 1 : this.int32()
    if (count < -1) this.#null(count)
    if (count > this.remaining) {
      throw new ProtocolError(`Array of ${count} elements at byte ${this.offset}, but ${this.remaining} bytes are left`)
    }
    return count
  }

  /** Skips an array of INT32. */
  skipInt32s(): this {
    this.#take(Math.max(0, this.arrayLength()) * 4)
    return this
  }

  /** Skips the tagged fields that end a flexible structure. Nothing is read in older versions. */
  skipTags(): void {
    if (!this.flexible) return
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint()
      this.#take(this.unsignedVarint())
    }
  }

  /**
   * Reads the tagged fields that end a flexible structure into `target`. `visit` gets the tag and a reader over that
   * field alone; tags it does not know it leaves unread. Nothing is read in older versions. The loop is bounded by
   * the bytes left, whatever count they claim: a tag takes two at least.
   */
  tags<T>(target: T, visit: (target: T, tag: number, field: Reader) => void): void {
    if (!this.flexible) return
    for (let count = this.unsignedVarint(); count > 0; count--) {
      const tag = this.unsignedVarint()
      const size = this.unsignedVarint()
      const at = this.#take(size)
      visit(target, tag, new Reader(this.buffer.subarray(at, at + size), true))
    }
  }

  /** -1 is null; a length below that is nothing a broker writes. */
  #null(length: number): null {
    if (length === -1) return null
    throw new ProtocolError(`Length ${length} before byte ${this.offset}`)
  }

  #take(count: number): number {
    const at = this.offset
    if (count > this.buffer.length - at) {
      throw new ProtocolError(`Message ends at byte ${this.buffer.length}, ${count} more were expected at byte ${at}`)
    }
    this.offset = at + count
    return at
  }
}
