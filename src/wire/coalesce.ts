import { ProtocolError } from './reader.ts'

/** Whether a batch may be merged with others: magic 2, dense, no codec, CreateTime, not control. Header only. */
export function canCoalesce(buffer: Buffer, at: number): boolean {
  return buffer.length < at
}

/**
 * Merges batches (each a whole one for which `canCoalesce` holds) into one with offsets 0..n-1 and no producer.
 * Throws MIRROR_BATCH_INVALID when one is corrupt: send them apart then, the target refuses the bad one alone.
 */
export function coalesce(batches: readonly Buffer[]): Buffer {
  throw new ProtocolError(`Not yet: ${batches.length}`)
}
