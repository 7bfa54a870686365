import { ProtocolError } from './reader.ts'

/** Kept records that were consecutive at the source. Record index in the new batch = sum of the counts before. */
export interface OffsetRun {
  readonly firstSourceOffset: bigint
  readonly count: number
}

export interface RenumberedBatch {
  /** Dense, CreateTime, magic 2, no producer; empty when recordCount is 0. */
  readonly batch: Buffer
  readonly recordCount: number
  readonly runs: readonly OffsetRun[]
}

/**
 * Rewrites a magic 2 batch that the target would refuse or misread: offsets made dense, records below `fromOffset` left out,
 * append times made create times. Keeps the codec. Rejects with MIRROR_CODEC, MIRROR_PROTOCOL, MIRROR_BATCH_INVALID.
 */
export async function renumber(batch: Buffer, fromOffset: bigint): Promise<RenumberedBatch> {
  return await Promise.reject(new ProtocolError(`Not yet: ${batch.length} ${fromOffset}`))
}
