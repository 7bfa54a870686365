import { MirrorError } from '../../base/errors.ts'
import { type Codec, type CodecName } from './codec.ts'
import { gzipCodec } from './gzip.ts'
import { lz4Codec } from './lz4.ts'
import { snappyCodec } from './snappy.ts'
import { zstdCodec } from './zstd.ts'

export { type Codec, type CodecName, defaultMaxInflatedBytes } from './codec.ts'

/** Id of a codec by its name in `compression.type`. */
export const codecIds: Readonly<Record<CodecName, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

const noCodec: Codec = {
  name: 'none',
  compress: (bytes) => Promise.resolve(bytes),
  decompress: (bytes) => Promise.resolve(bytes)
}

const codecs: readonly Codec[] = [noCodec, gzipCodec, snappyCodec(), lz4Codec(), zstdCodec()]

/** The codec of attribute bits 0-2. Throws MIRROR_CODEC on an id that no Kafka version has given out. */
export function codecOf(id: number): Codec {
  const codec = codecs[id]
  if (codec === undefined) throw new MirrorError('MIRROR_CODEC', `Unknown compression codec ${id}`)
  return codec
}
