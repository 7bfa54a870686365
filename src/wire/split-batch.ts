import { ProtocolError } from './reader.ts'

/** A stretch of the split batch's records. `batch` is null for one record that is too large by itself. */
export interface BatchPart {
  readonly firstIndex: number
  readonly count: number
  readonly batch: Buffer | null
}

/** Splits a dense magic 2 batch into batches of at most `maxBytes` each (with the 12 byte prefix), in order. */
export async function splitBatch(batch: Buffer, maxBytes: number): Promise<BatchPart[]> {
  return await Promise.reject(new ProtocolError(`Not yet: ${batch.length} ${maxBytes}`))
}
