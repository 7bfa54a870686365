/**
 * Zigzag varints of records. Writers return the position behind what they wrote; the caller has made room: 5 bytes for
 * a varint, 10 for a varlong.
 */

/** Doubles hold a zigzagged value exactly up to here; beyond, bigints do the work. */
export const exactDelta = 2 ** 51

export function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) return 1
  if (zigzag < 0x4000) return 2
  if (zigzag < 0x200000) return 3
  return zigzag < 0x10000000 ? 4 : 5
}

export function putVarint(buffer: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let end = at
  while (rest > 127) {
    buffer[end++] = (rest & 127) | 128
    rest >>>= 7
  }
  buffer[end++] = rest
  return end
}

/** A 64 bit delta: a number while it is exact, else a bigint. */
export type Delta = number | bigint

/** The shortest form of a 64 bit value, so that no bigint is carried along where a number does. */
export function toDelta(value: bigint): Delta {
  const wrapped = BigInt.asIntN(64, value)
  const number = Number(wrapped)
  return Math.abs(number) <= exactDelta ? number : wrapped
}

export function varlongBytes(value: Delta): number {
  let bytes = 1
  if (typeof value === 'number') {
    for (let rest = zigzagOf(value); rest >= 128; rest /= 128) bytes++
    return bytes
  }
  for (let rest = wideZigzagOf(value); rest >= 128n; rest >>= 7n) bytes++
  return bytes
}

export function putVarlong(buffer: Buffer, at: number, value: Delta): number {
  if (typeof value === 'bigint') return putWideVarlong(buffer, at, value)
  if (value > -0x40000000 && value < 0x40000000) return putVarint(buffer, at, value)
  let end = at
  let rest = zigzagOf(value)
  for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[end++] = (rest % 128) | 128
  buffer[end++] = rest
  return end
}

function putWideVarlong(buffer: Buffer, at: number, value: bigint): number {
  let end = at
  let rest = wideZigzagOf(value)
  for (; rest >= 128n; rest >>= 7n) buffer[end++] = Number(rest & 127n) | 128
  buffer[end++] = Number(rest)
  return end
}

function zigzagOf(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function wideZigzagOf(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}
