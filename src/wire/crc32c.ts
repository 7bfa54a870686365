/**
 * CRC-32C (Castagnoli), the checksum of magic 2 batches, in plain JavaScript: sixteen bytes a step ("slicing"), about
 * 1 GB/s. Beside it the linear operator "append n zero bytes", with which the checksum of a changed header is corrected
 * without reading the payload.
 */
const reversedPolynomial = 0x82f63b78
const slices = 16

/** tables[256 * k + b]: the register after byte b followed by k zero bytes, starting from zero. */
const tables = buildTables()

function buildTables(): Int32Array {
  const built = new Int32Array(256 * slices)
  for (let byte = 0; byte < 256; byte++) {
    let register = byte
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >>> 1) ^ reversedPolynomial : register >>> 1
    built[byte] = register
  }
  for (let index = 256; index < built.length; index++) {
    const previous = built[index - 256] ?? 0
    built[index] = (previous >>> 8) ^ (built[previous & 255] ?? 0)
  }
  return built
}

/** The checksum of `bytes[start, end)` as an unsigned number; `previous` continues one that was begun before. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, previous = 0): number {
  return ~advance(~previous, bytes, start, end) >>> 0
}

/** The register after one more byte, without the inversions of a whole checksum: linear in register and byte. */
export function crc32cByte(register: number, byte: number): number {
  return (register >>> 8) ^ (tables[(register ^ byte) & 255] ?? 0)
}

/**
 * The register after `count` zero bytes: a fixed linear map per power of two, so the cost is the number of one bits in
 * `count`, at most 31 steps of four look-ups.
 */
export function crc32cZeros(register: number, count: number): number {
  let result = register
  for (let power = 0, rest = count; rest > 0; power++, rest >>>= 1) {
    if ((rest & 1) !== 0) result = apply(zerosOperator(power), result)
  }
  return result
}

/** One operator a power of two, each four tables of 256 words (4 KB), made when first needed. */
const zerosOperators: Int32Array[] = []

function zerosOperator(power: number): Int32Array {
  for (let next = zerosOperators.length; next <= power; next++) {
    const half = zerosOperators[next - 1]
    const built = new Int32Array(1024)
    for (let byte = 0; byte < 4; byte++) {
      for (let value = 0; value < 256; value++) {
        const register = value << (8 * byte)
        built[256 * byte + value] = half === undefined ? crc32cByte(register, 0) : apply(half, apply(half, register))
      }
    }
    zerosOperators.push(built)
  }
  return zerosOperators[power] ?? new Int32Array(0)
}

function apply(operator: Int32Array, register: number): number {
  return (
    (operator[register & 255] ?? 0) ^
    (operator[256 + ((register >>> 8) & 255)] ?? 0) ^
    (operator[512 + ((register >>> 16) & 255)] ?? 0) ^
    (operator[768 + (register >>> 24)] ?? 0)
  )
}

function advance(register: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = register
  let at = start
  for (const last = end - slices; at <= last; at += slices) {
    const word = crc ^ (byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16))
    crc =
      entry(3840 + (word & 255)) ^
      entry(3584 + ((word >>> 8) & 255)) ^
      entry(3328 + ((word >>> 16) & 255)) ^
      entry(3072 + ((word >>> 24) ^ byteAt(bytes, at + 3))) ^
      entry(2816 + byteAt(bytes, at + 4)) ^
      entry(2560 + byteAt(bytes, at + 5)) ^
      entry(2304 + byteAt(bytes, at + 6)) ^
      entry(2048 + byteAt(bytes, at + 7)) ^
      entry(1792 + byteAt(bytes, at + 8)) ^
      entry(1536 + byteAt(bytes, at + 9)) ^
      entry(1280 + byteAt(bytes, at + 10)) ^
      entry(1024 + byteAt(bytes, at + 11)) ^
      entry(768 + byteAt(bytes, at + 12)) ^
      entry(512 + byteAt(bytes, at + 13)) ^
      entry(256 + byteAt(bytes, at + 14)) ^
      entry(byteAt(bytes, at + 15))
  }
  for (; at < end; at++) crc = crc32cByte(crc, byteAt(bytes, at))
  return crc
}

function entry(index: number): number {
  return tables[index] ?? 0
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
