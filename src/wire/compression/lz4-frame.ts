import { malformed } from './codec.ts'

/**
 *   frame  => magic UINT32LE, FLG UINT8, BD UINT8, [content size UINT64LE], [dictionary id UINT32LE], HC UINT8,
 *             blocks, end mark (0 UINT32LE), [content checksum UINT32LE]
 *   block  => size UINT32LE (top bit: stored), bytes, [checksum UINT32LE]
 *   FLG    => bit 4 block checksums, 3 content size, 2 content checksum, 0 dictionary id
 *   BD     => bits 4-6 largest block: 4 64 KB, 5 256 KB, 6 1 MB, 7 4 MB
 */
const frameMagic = 0x184d2204
const frameStartBytes = 7

/**
 * How much LZ4 frames can inflate to at most, from the block sizes alone: a block's limit, or 255 times its bytes. For
 * full blocks, as all but the last one are, it is the size itself. Throws MIRROR_CODEC on frames cut short.
 */
export function lz4InflatedBound(bytes: Buffer): number {
  let bound = 0
  let at = 0
  do {
    if (bytes.length - at < frameStartBytes) throw malformed('lz4', 'the frame header is cut short')
    if (bytes.readUInt32LE(at) !== frameMagic) throw malformed('lz4', `no frame at byte ${at}`)
    const flags = bytes.readUInt8(at + 4)
    const blockLimit = blockLimitOf(bytes.readUInt8(at + 5))
    at += descriptorBytes(flags) + 5
    for (let size = blockSizeAt(bytes, at); size !== 0; size = blockSizeAt(bytes, at)) {
      const stored = size & 0x7fffffff
      bound += size < 0 ? stored : Math.min(255 * stored, blockLimit)
      at += 4 + stored + ((flags & 0x10) === 0 ? 0 : 4)
    }
    at += 4 + ((flags & 0x04) === 0 ? 0 : 4)
  } while (at < bytes.length)
  return bound
}

function blockSizeAt(bytes: Buffer, at: number): number {
  if (bytes.length - at < 4) throw malformed('lz4', 'the frame has no end mark')
  return bytes.readInt32LE(at)
}

function blockLimitOf(descriptor: number): number {
  const size = (descriptor >> 4) & 7
  if (size < 4) throw malformed('lz4', `unknown block size ${size}`)
  return 2 ** (8 + 2 * size)
}

/** FLG through HC without the magic, less the checksum byte's place: FLG, BD and the optional fields. */
function descriptorBytes(flags: number): number {
  return 2 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4)
}

/**
 * A copy of a magic 0 message's LZ4 frame with a right header checksum: clients of that time computed it over the frame
 * magic too (KAFKA-3160), and brokers kept the bytes. Readers that know only the standard refuse such frames.
 */
export function repairLegacyHeaderChecksum(frame: Buffer): Buffer {
  if (frame.length < frameStartBytes || frame.readUInt32LE(0) !== frameMagic) return frame
  const checksumAt = 4 + descriptorBytes(frame.readUInt8(4))
  if (checksumAt >= frame.length) return frame
  const repaired = Buffer.from(frame)
  repaired[checksumAt] = (xxHash32Short(frame.subarray(4, checksumAt)) >>> 8) & 255
  return repaired
}

/** xxHash32 with seed 0 of fewer than 16 bytes, which is all that a frame descriptor has. */
export function xxHash32Short(bytes: Buffer): number {
  let hash = (0x165667b1 + bytes.length) | 0
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (hash + Math.imul(bytes.readInt32LE(at), 0xc2b2ae3d)) | 0
    hash = Math.imul((hash << 17) | (hash >>> 15), 0x27d4eb2f)
  }
  for (; at < bytes.length; at++) {
    hash = (hash + Math.imul(bytes.readUInt8(at), 0x165667b1)) | 0
    hash = Math.imul((hash << 11) | (hash >>> 21), 0x9e3779b1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d)
  return (hash ^ (hash >>> 16)) >>> 0
}
