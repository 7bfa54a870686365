import { ProtocolError } from './reader.ts'
import { type RenumberedBatch } from './renumber.ts'

export interface UpConvertedMessages extends RenumberedBatch {
  /** Source offset behind the last message, kept or not. */
  readonly nextOffset: bigint
}

/**
 * Turns whole magic 0 and 1 messages (a run of them, compressed wrappers included) into one dense magic 2 batch. Messages
 * below `fromOffset` are left out. Magic 0 has no timestamp: -1.
 */
export async function upConvert(messages: Buffer, fromOffset: bigint): Promise<UpConvertedMessages> {
  return await Promise.reject(new ProtocolError(`Not yet: ${messages.length} ${fromOffset}`))
}
