import { MirrorError } from '../../base/errors.ts'

/** A compression codec of Kafka batches. Both directions reject with MIRROR_CODEC. */
export interface Codec {
  /** The value of attribute bits 0-2. */
  readonly id: number
  /** As in `compression.type`. */
  readonly name: CodecName
  compress(bytes: Buffer): Promise<Buffer>
  /** Refuses to inflate beyond `maxBytes`. */
  decompress(bytes: Buffer, maxBytes?: number): Promise<Buffer>
}

export type CodecName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** Id of a codec by its name in `compression.type`. */
export const codecIds: Readonly<Record<CodecName, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/** The codec of attribute bits 0-2. Throws MIRROR_CODEC on an id that no Kafka version has given out. */
export function codecOf(id: number): Codec {
  throw new MirrorError('MIRROR_CODEC', `Unknown compression codec ${id}`)
}
