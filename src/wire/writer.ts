/** Byte runs at least this long are sent from where they are; shorter ones are cheaper to copy than to chain. */
const copyBelowBytes = 512

/**
 * Writes Kafka's primitive types. Long byte fields (record batches) are kept by reference, so a request is a list of
 * chunks and a batch is never copied on its way to the socket. The caller must not change them until they are sent.
 *
 * With `flexible`, strings, byte runs and arrays take their compact form (KIP-482): length + 1 as unsigned varint.
 */
export class Writer {
  readonly flexible: boolean
  readonly #chunks: Buffer[] = []
  #buffer: Buffer
  /** Start and end of the bytes in #buffer that are not yet in #chunks. */
  #start = 0
  #end = 0
  #chunkedBytes = 0

  constructor(flexible = false, capacity = 256) {
    this.flexible = flexible
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunkedBytes + this.#end - this.#start
  }

  int8(value: number): this {
    const at = this.#reserve(1)
    this.#buffer.writeInt8(value, at)
    return this
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    const at = this.#reserve(2)
    this.#buffer.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#reserve(4)
    this.#buffer.writeInt32BE(value, at)
    return this
  }

  int64(value: bigint): this {
    const at = this.#reserve(8)
    this.#buffer.writeBigInt64BE(value, at)
    return this
  }

  unsignedVarint(value: number): this {
    let rest = value >>> 0
    while (rest > 127) {
      this.#byte((rest & 127) | 128)
      rest >>>= 7
    }
    return this.#byte(rest)
  }

  /** Sixteen bytes; null is the zero UUID. */
  uuid(value: Buffer | null): this {
    const at = this.#reserve(16)
    if (value === null) this.#buffer.fill(0, at, at + 16)
    else value.copy(this.#buffer, at, 0, 16)
    return this
  }

  string(value: string): this {
    return this.nullableString(value)
  }

  nullableString(value: string | null): this {
    if (!this.flexible) return this.classicString(value)
    if (value === null) return this.unsignedVarint(0)
    const bytes = Buffer.byteLength(value)
    this.unsignedVarint(bytes + 1)
    return this.#utf8(value, bytes)
  }

  /** A nullable string with a 16-bit length, also in flexible messages: the client id of the request header. */
  classicString(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.byteLength(value)
    if (bytes > 0x7fff) throw new RangeError(`A Kafka string has at most 32767 bytes, got ${bytes}`)
    this.int16(bytes)
    return this.#utf8(value, bytes)
  }

  #utf8(value: string, bytes: number): this {
    const at = this.#reserve(bytes)
    this.#buffer.write(value, at)
    return this
  }

  /** A byte run with its length; null is allowed where the grammar says so. */
  bytes(value: Buffer | null): this {
    if (value === null) return this.flexible ? this.unsignedVarint(0) : this.int32(-1)
    if (this.flexible) this.unsignedVarint(value.length + 1)
    else this.int32(value.length)
    return this.raw(value)
  }

  /** Bytes without a length. */
  raw(value: Buffer): this {
    if (value.length < copyBelowBytes) {
      const at = this.#reserve(value.length)
      this.#buffer.set(value, at)
      return this
    }
    this.#seal()
    this.#chunks.push(value)
    this.#chunkedBytes += value.length
    return this
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.arrayLength(items.length)
    for (const item of items) write(item)
    return this
  }

  /** A whole array, or the null array. */
  nullableArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    return items === null ? this.arrayLength(-1) : this.array(items, write)
  }

  arrayLength(count: number): this {
    return this.flexible ? this.unsignedVarint(count + 1) : this.int32(count)
  }

  /** The empty tagged-field section that ends each flexible structure; nothing in older versions. */
  noTags(): this {
    return this.flexible ? this.unsignedVarint(0) : this
  }

  /** Everything written, as chunks to be sent in order. The writer must not be used afterwards. */
  chunks(): Buffer[] {
    this.#seal()
    return this.#chunks
  }

  /** Everything written, copied into one buffer. */
  toBuffer(): Buffer {
    return Buffer.concat(this.chunks())
  }

  #byte(value: number): this {
    // First reserve, then read #buffer: reserving may replace it.
    const at = this.#reserve(1)
    this.#buffer[at] = value
    return this
  }

  #seal(): void {
    if (this.#end === this.#start) return
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#end))
    this.#chunkedBytes += this.#end - this.#start
    this.#start = this.#end
  }

  /** Makes room for `count` bytes and returns where they go. */
  #reserve(count: number): number {
    const at = this.#end
    if (at + count > this.#buffer.length) return this.#growAndReserve(count)
    this.#end = at + count
    return at
  }

  #growAndReserve(count: number): number {
    const pending = this.#end - this.#start
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, pending + count + 64))
    this.#buffer.copy(grown, 0, this.#start, this.#end)
    this.#buffer = grown
    this.#start = 0
    this.#end = pending + count
    return pending
  }
}
