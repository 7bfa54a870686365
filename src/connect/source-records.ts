import { codecIds } from '../wire/compression/codecs.ts'
import { encodeBatch } from '../wire/record.ts'

/** A record of a connector of one's own. */
export interface SourceRecord {
  /** Milliseconds since 1970. */
  readonly timestamp: bigint
  readonly key: Buffer | null
  /** Null: a tombstone. */
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [key: Buffer, value: Buffer | null])[]
}

/**
 * The `records` of a SourceBatch: one record batch as it goes over the wire, to one target partition.
 * @param compression gzip or none; snappy, lz4 and zstd where their packages are installed
 * @throws MirrorError MIRROR_BATCH_INVALID without records, MIRROR_CODEC when they cannot be compressed
 */
export async function encodeRecords(
  records: readonly SourceRecord[],
  compression: keyof typeof codecIds = 'none'
): Promise<Buffer> {
  // Offsets of their own would leave holes, which no producer may send.
  const dense = records.map(({ timestamp, key, value, headers = [] }) => ({ timestamp, key, value, headers }))
  return await encodeBatch(dense, codecIds[compression])
}
