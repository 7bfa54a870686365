import { topicPartitionKey } from '../client/topic-partition.ts'
import { type OffsetSync } from './offset-sync.ts'
import { OffsetSyncSlots } from './offset-sync-slots.ts'

export interface OffsetSyncStoreOptions {
  /**
   * True where nothing is known of checkpoints that were emitted before: then only the last sync that the topic held at the start
   * may be used, lest a checkpoint goes back behind one of those.
   */
  readonly mustReadToEnd: boolean
}

/** All syncs of the partition lie behind the position: it is too old to be translated. */
export const tooOld = -1n

/**
 * Translates committed positions by the offset syncs of a route, by the reference's rule (spec 8.2), but for a target log that
 * was cut off or created anew: what was synced before has another place then, or none. Memory only.
 */
export class OffsetSyncStore {
  readonly #mustReadToEnd: boolean
  readonly #partitions = new Map<string, OffsetSyncSlots>()
  #isLoaded = false

  constructor({ mustReadToEnd }: OffsetSyncStoreOptions) {
    this.#mustReadToEnd = mustReadToEnd
  }

  /** Takes the records of the topic in their order. */
  apply({ topic, partition, upstreamOffset, downstreamOffset }: OffsetSync): void {
    const key = topicPartitionKey(topic, partition)
    // An object of its own: the slots tell syncs apart by identity.
    const sync = { upstreamOffset, downstreamOffset }
    const slots = this.#partitions.get(key)
    if (slots === undefined) this.#partitions.set(key, new OffsetSyncSlots(sync))
    else if (slots.isTargetBehind(sync) || (this.#mustReadToEnd && !this.#isLoaded)) slots.replaceAll(sync)
    else slots.insert(sync)
  }

  /** Everything that the topic held at the start has been applied: from now on positions are translated. */
  loaded(): void {
    this.#isLoaded = true
  }

  /**
   * Where a group that has committed `upstreamOffset` of a source partition goes on at the target: never ahead, possibly behind.
   * At most one past a sync, since it is not known how many of the records after it were written. Undefined: not loaded, or no
   * sync of the partition. `tooOld`: every sync lies behind it.
   */
  translate(topic: string, partition: number, upstreamOffset: bigint): bigint | undefined {
    if (!this.#isLoaded) return undefined
    const slots = this.#partitions.get(topicPartitionKey(topic, partition))
    if (slots === undefined) return undefined
    const sync = slots.find(upstreamOffset)
    if (sync === undefined) return tooOld
    return sync.upstreamOffset === upstreamOffset ? sync.downstreamOffset : sync.downstreamOffset + 1n
  }
}
