import { type Logger } from '../../base/logger.ts'
import { type CompactedLogOptions } from '../../client/compacted-log.ts'
import { type SourcePartition } from '../source-batch.ts'

export type OffsetStoreOptions = Omit<CompactedLogOptions, 'onRecord'> & { readonly logger: Logger }

export interface OffsetEntry {
  readonly partition: SourcePartition
  /** Null forgets the position (a tombstone). */
  readonly offset: bigint | null
}

/** Connect's offsets topic: where each source partition of each connector stands. Same bytes as Java's. */
export declare class OffsetStore {
  constructor(options: OffsetStoreOptions)
  /** Creates or opens the topic and reads it to its end. */
  load(signal?: AbortSignal): Promise<void>
  /** Reads what others wrote since, then answers in the order asked; undefined where nothing is stored. */
  get(connector: string, partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]>
  /** Resolves when every entry is acknowledged by the target. */
  put(connector: string, entries: readonly OffsetEntry[]): Promise<void>
}
