import { encodeOffsetSync, type OffsetSync } from '../../mirror-client/offset-sync.ts'

/** What is known of one source partition's syncs. Positions are -1n as long as there is none. */
export class SyncedPartition {
  readonly topic: string
  readonly partition: number
  /** Newest record that was offered. */
  upstream = -1n
  downstream = -1n
  /** Target offset of the newest sync that a rule asked for; one that a commit asked for does not count. */
  triggered = -1n
  /** Record that is to be sent, and the one that a commit makes so. */
  pending: SyncedRecord | null = null
  delayed: SyncedRecord | null = null

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }
}

type SyncedRecord = Pick<OffsetSync, 'upstreamOffset' | 'downstreamOffset'>

/**
 * Which records become offset syncs (spec 8.1). The reference looks at each record; here the same is decided for a stretch
 * of records at once, of which it asks for two syncs at most: its first record, if that is due, and the last one that the
 * lag rule asks for. The reference would send those between only if it had sent each before the next came.
 *
 * One sync a partition waits to be sent, in the order in which they asked first; a newer one takes its place.
 */
export class OffsetSyncQueue {
  /** The lag rule asks for a record that is so far behind the last sync. */
  readonly #staleFrom: bigint
  /** Target records from one that it asks for to the next in a stretch. */
  readonly #period: bigint
  readonly #pending = new Set<SyncedPartition>()
  readonly #delayed = new Set<SyncedPartition>()

  /** @param lagMax `offset.lag.max` */
  constructor(lagMax: bigint) {
    // A group beyond a sync is translated to the record behind it, hence the longest lag and one more.
    this.#staleFrom = lagMax + 1n
    this.#period = this.#staleFrom < 1n ? 1n : this.#staleFrom
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  /** Source records `[upstream, upstream + count)` are at target offsets `[downstream, downstream + count)`. In order. */
  offer(partition: SyncedPartition, upstream: bigint, downstream: bigint, count: number): void {
    if (this.#isDue(partition, upstream, downstream)) {
      partition.triggered = downstream
      this.#put(partition, upstream, downstream)
    }
    const last = downstream + BigInt(count - 1)
    const behind = ((last - partition.triggered) / this.#period) * this.#period
    if (behind > 0n) {
      partition.triggered += behind
      this.#put(partition, upstream + (partition.triggered - downstream), partition.triggered)
    }
    partition.upstream = upstream + BigInt(count - 1)
    partition.downstream = last
    // Not by its target offset: where the target has lost records, two have the same.
    if (partition.pending?.upstreamOffset === partition.upstream) return
    partition.delayed = { upstreamOffset: partition.upstream, downstreamOffset: last }
    this.#delayed.add(partition)
  }

  /** At each commit: the newest record of each partition is sent too. */
  promoteDelayed(): void {
    for (const partition of this.#delayed) {
      partition.pending = partition.delayed
      partition.delayed = null
      this.#pending.add(partition)
    }
    this.#delayed.clear()
  }

  /** Up to `most` records to be sent, which wait no more. */
  take(most: number): { readonly key: Buffer; readonly value: Buffer }[] {
    const records = []
    for (const partition of this.#pending) {
      if (records.length === most) break
      const { topic, partition: number, pending } = partition
      this.#pending.delete(partition)
      partition.pending = null
      if (pending !== null) records.push(encodeOffsetSync({ topic, partition: number, ...pending }))
    }
    return records
  }

  #isDue({ triggered, upstream: before, downstream: target }: SyncedPartition, upstream: bigint, downstream: bigint) {
    const isStale = triggered < 0n || downstream - triggered >= this.#staleFrom
    return isStale || upstream - before !== 1n || downstream < target
  }

  #put(partition: SyncedPartition, upstreamOffset: bigint, downstreamOffset: bigint): void {
    partition.pending = { upstreamOffset, downstreamOffset }
    this.#pending.add(partition)
    partition.delayed = null
    this.#delayed.delete(partition)
  }
}
