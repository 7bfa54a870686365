import { MirrorError } from '../../base/errors.ts'

export type CodecName = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** A compression codec of Kafka batches. Both directions reject with MIRROR_CODEC. */
export interface Codec {
  /** As in `compression.type`. */
  readonly name: CodecName
  compress(bytes: Buffer): Promise<Buffer>
  /** Refuses to inflate beyond `maxBytes`, by default `defaultMaxInflatedBytes`, before memory is taken for it. */
  decompress(bytes: Buffer, maxBytes?: number): Promise<Buffer>
}

/** Above what brokers let through (socket.request.max.bytes, 100 MB) unless the data compresses well. */
export const defaultMaxInflatedBytes = 256 * 1024 * 1024

/** From here on libuv's thread pool does the work; below, its round trip costs more than it spares the event loop. */
export const threadPoolFromBytes = 64 * 1024

/** Loads an optional package when the first batch needs it. Rejects with MIRROR_CODEC naming the package. */
export async function loadPackage<T>(codec: CodecName, packageName: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new MirrorError(
      'MIRROR_CODEC',
      `Records compressed with ${codec} need the npm package ${packageName}, which cannot be loaded; install it`,
      { cause }
    )
  }
}

/** Runs one direction of a codec and makes whatever its library throws a MIRROR_CODEC. */
export async function runCodec(
  what: `${'compress' | 'decompress'} ${CodecName}`,
  run: () => Promise<Buffer>
): Promise<Buffer> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof MirrorError) throw cause
    throw new MirrorError('MIRROR_CODEC', `Cannot ${what} records`, { cause })
  }
}

/** Throws MIRROR_CODEC when a payload inflates, or may inflate, beyond the cap. */
export function checkInflatedBytes(codec: CodecName, inflatedBytes: number, maxBytes: number): void {
  if (inflatedBytes > maxBytes) {
    throw new MirrorError(
      'MIRROR_CODEC',
      `A ${codec} payload would inflate to ${inflatedBytes} bytes; the cap is ${maxBytes}`
    )
  }
}

export function malformed(codec: CodecName, what: string): MirrorError {
  return new MirrorError('MIRROR_CODEC', `Malformed ${codec} payload: ${what}`)
}
