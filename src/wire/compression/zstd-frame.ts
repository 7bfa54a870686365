import { malformed } from './codec.ts'

/**
 * RFC 8878:
 *   frame  => magic UINT32LE, descriptor UINT8, [window UINT8], [dictionary id 1-4 bytes], [content size 1-8 bytes],
 *             blocks, [checksum UINT32LE]
 *   block  => header UINT24LE (bit 0 last, bits 1-2 type, the rest size), bytes
 *   types  => 0 stored, 1 one byte repeated `size` times, 2 compressed, at most 128 KB inflated
 *   descriptor => bits 6-7 content size field, 5 single segment (no window), 2 checksum, 0-1 dictionary id field
 */
const frameMagic = 0xfd2fb528
/** Sixteen magics mark frames that readers skip. */
const skippableMagic = 0x184d2a50
const largestBlockBytes = 128 * 1024

/**
 * How much zstd frames can inflate to at most. Java writes streams without a content size, so the blocks are counted:
 * the bound is exact but for compressed blocks that are not full, usually the last one. A content size that claims more
 * counts too: readers allocate for it. Throws MIRROR_CODEC on frames cut short.
 */
export function zstdInflatedBound(bytes: Buffer): number {
  let bound = 0
  for (let at = 0; at < bytes.length;) {
    const magic = littleEndian(bytes, at, 4)
    if (Math.floor(magic / 16) === skippableMagic / 16) {
      at += 8 + littleEndian(bytes, at + 4, 4)
      continue
    }
    if (magic !== frameMagic) throw malformed('zstd', `no frame at byte ${at}`)
    const descriptor = littleEndian(bytes, at + 4, 1)
    const { headerBytes, contentSize } = readHeader(bytes, at, descriptor)
    const blocks = boundOfBlocks(bytes, at + headerBytes)
    bound += Math.max(contentSize, blocks.bound)
    at = blocks.end + ((descriptor & 0x04) === 0 ? 0 : 4)
  }
  return bound
}

function readHeader(bytes: Buffer, at: number, descriptor: number): { headerBytes: number; contentSize: number } {
  const singleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const sizeAt = 5 + (singleSegment ? 0 : 1) + dictionaryBytes
  const contentSize = littleEndian(bytes, at + sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  return { headerBytes: sizeAt + sizeBytes, contentSize }
}

function boundOfBlocks(bytes: Buffer, start: number): { bound: number; end: number } {
  let bound = 0
  for (let at = start; ;) {
    const header = littleEndian(bytes, at, 3)
    const type = (header >> 1) & 3
    const size = header >> 3
    if (type === 3) throw malformed('zstd', `reserved block type at byte ${at}`)
    at += 3 + (type === 1 ? 1 : size)
    bound += type === 2 ? largestBlockBytes : size
    if (at > bytes.length) throw malformed('zstd', 'a block is cut short')
    if ((header & 1) === 1) return { bound, end: at }
  }
}

/** An unsigned number of up to 8 bytes; inexact beyond 2^53, where only its magnitude matters. */
function littleEndian(bytes: Buffer, at: number, count: number): number {
  if (at + count > bytes.length) throw malformed('zstd', 'the frame is cut short')
  let value = 0
  for (let index = count - 1; index >= 0; index--) value = value * 256 + bytes.readUInt8(at + index)
  return value
}
