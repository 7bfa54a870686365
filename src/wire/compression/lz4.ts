import type * as lz4Package from 'lz4-napi'
import {
  type Codec,
  checkInflatedBytes,
  defaultMaxInflatedBytes,
  loadPackage,
  runCodec,
  threadPoolFromBytes
} from './codec.ts'
import { lz4InflatedBound } from './lz4-frame.ts'

type Lz4 = Pick<typeof lz4Package, 'compressFrame' | 'compressFrameSync' | 'decompressFrame' | 'decompressFrameSync'>

/** LZ4 frames with independent blocks, the only kind that Java's reader takes. */
export function lz4Codec(load: () => Promise<Lz4> = async () => await import('lz4-napi')): Codec {
  const library = async (): Promise<Lz4> => await loadPackage('lz4', 'lz4-napi', load)
  return {
    name: 'lz4',
    compress: async (bytes) =>
      await runCodec('compress lz4', async () => {
        const lz4 = await library()
        return bytes.length < threadPoolFromBytes ? lz4.compressFrameSync(bytes) : await lz4.compressFrame(bytes)
      }),
    decompress: async (bytes, maxBytes = defaultMaxInflatedBytes) =>
      await runCodec('decompress lz4', async () => {
        const bound = lz4InflatedBound(bytes)
        checkInflatedBytes('lz4', bound, maxBytes)
        const lz4 = await library()
        return bound < threadPoolFromBytes ? lz4.decompressFrameSync(bytes) : await lz4.decompressFrame(bytes)
      })
  }
}
