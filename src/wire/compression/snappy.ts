import type * as snappyPackage from 'snappy'
import {
  type Codec,
  checkInflatedBytes,
  defaultMaxInflatedBytes,
  loadPackage,
  malformed,
  runCodec,
  threadPoolFromBytes
} from './codec.ts'

type Snappy = Pick<typeof snappyPackage, 'compress' | 'compressSync' | 'uncompress' | 'uncompressSync'>

/**
 * Java's stream format (xerial): magic, version and lowest compatible version, then blocks of a length and raw snappy.
 *
 *   stream => 82 'SNAPPY' 00, version INT32, compatible INT32, [length INT32, block]
 */
const streamHeader = Buffer.from('82534e41505059000000000100000001', 'hex')
const streamMagicBytes = 8
const blockBytes = 32 * 1024

/**
 * Reads Java's stream format and raw blocks (librdkafka writes those), writes the stream format. Each block begins with
 * its inflated size, which is checked against the cap and against what snappy can reach: a three byte element stands for
 * 64 bytes at most, so a lying size does not get memory.
 */
export function snappyCodec(load: () => Promise<Snappy> = async () => await import('snappy')): Codec {
  const library = async (): Promise<Snappy> => await loadPackage('snappy', 'snappy', load)
  return {
    name: 'snappy',
    compress: async (bytes) => await runCodec('compress snappy', async () => await compress(await library(), bytes)),
    decompress: async (bytes, maxBytes = defaultMaxInflatedBytes) =>
      await runCodec('decompress snappy', async () => {
        const blocks = blocksOf(bytes)
        let inflatedBytes = 0
        for (const block of blocks) inflatedBytes += inflatedSize(block)
        checkInflatedBytes('snappy', inflatedBytes, maxBytes)
        return await decompress(await library(), blocks, inflatedBytes)
      })
  }
}

async function compress(snappy: Snappy, bytes: Buffer): Promise<Buffer> {
  const blocks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += blockBytes) blocks.push(bytes.subarray(at, at + blockBytes))
  const inPool = bytes.length >= threadPoolFromBytes
  const compressed = inPool
    ? await Promise.all(blocks.map(async (block) => await snappy.compress(block)))
    : blocks.map((block) => snappy.compressSync(block))
  const chunks: Buffer[] = [streamHeader]
  for (const block of compressed) {
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    chunks.push(length, block)
  }
  return Buffer.concat(chunks)
}

async function decompress(snappy: Snappy, blocks: readonly Buffer[], inflatedBytes: number): Promise<Buffer> {
  const inPool = inflatedBytes >= threadPoolFromBytes
  const chunks = inPool
    ? await Promise.all(blocks.map(async (block) => await snappy.uncompress(block)))
    : blocks.map((block) => snappy.uncompressSync(block))
  return Buffer.concat(chunks.map((chunk) => (Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk))))
}

function blocksOf(bytes: Buffer): Buffer[] {
  if (bytes.compare(streamHeader, 0, streamMagicBytes, 0, Math.min(streamMagicBytes, bytes.length)) !== 0)
    return [bytes]
  const blocks: Buffer[] = []
  for (let at = streamHeader.length; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    at += 4
    if (length <= 0 || length > bytes.length - at) throw malformed('snappy', `block of ${length} bytes at byte ${at}`)
    blocks.push(bytes.subarray(at, at + length))
    at += length
  }
  return blocks
}

function inflatedSize(block: Buffer): number {
  let size = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    size += (byte & 127) * 128 ** index
    if (byte > 127) continue
    if (size > 22 * block.length) throw malformed('snappy', `${block.length} bytes claim to inflate to ${size}`)
    return size
  }
  throw malformed('snappy', 'a block without its inflated size')
}
