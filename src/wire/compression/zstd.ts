import type * as zstdPackage from '@mongodb-js/zstd'
import { type Codec, checkInflatedBytes, defaultMaxInflatedBytes, loadPackage, runCodec } from './codec.ts'
import { zstdInflatedBound } from './zstd-frame.ts'

type Zstd = Pick<typeof zstdPackage, 'compress' | 'decompress'>

/** Kafka's own default level. */
const level = 3

/** The library works in the thread pool only. */
export function zstdCodec(load: () => Promise<Zstd> = async () => await import('@mongodb-js/zstd')): Codec {
  const library = async (): Promise<Zstd> => await loadPackage('zstd', '@mongodb-js/zstd', load)
  return {
    name: 'zstd',
    compress: async (bytes) =>
      await runCodec('compress zstd', async () => await (await library()).compress(bytes, level)),
    decompress: async (bytes, maxBytes = defaultMaxInflatedBytes) =>
      await runCodec('decompress zstd', async () => {
        checkInflatedBytes('zstd', zstdInflatedBound(bytes), maxBytes)
        return await (await library()).decompress(bytes)
      })
  }
}
