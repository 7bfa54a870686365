import { promisify } from 'node:util'
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib'
import { type Codec, checkInflatedBytes, defaultMaxInflatedBytes, runCodec, threadPoolFromBytes } from './codec.ts'

const gzipInPool = promisify<Buffer, { level: number }, Buffer>(gzip)
const gunzipInPool = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

/** Level 1: twice as fast as zlib's default for a few per cent of size. */
const level = 1

/** zlib itself stops at the cap. */
export const gzipCodec: Codec = {
  name: 'gzip',
  compress: async (bytes) =>
    await runCodec('compress gzip', async () =>
      bytes.length < threadPoolFromBytes ? gzipSync(bytes, { level }) : await gzipInPool(bytes, { level })
    ),
  decompress: async (bytes, maxBytes = defaultMaxInflatedBytes) =>
    await runCodec('decompress gzip', async () => {
      const options = { maxOutputLength: maxBytes }
      try {
        return bytes.length < threadPoolFromBytes ? gunzipSync(bytes, options) : await gunzipInPool(bytes, options)
      } catch (error) {
        if (error instanceof RangeError) checkInflatedBytes('gzip', Infinity, maxBytes)
        throw error
      }
    })
}
