import { type OffsetMap } from './offset-map.ts'
import { type HoleReason } from './partition-map.ts'

export interface MapStart {
  readonly topic: string
  readonly partition: number
  /** Null where the brokers have no topic ids. Another id than the map's makes void what the map holds. */
  readonly sourceTopicId: Buffer | null
  readonly targetTopicId: Buffer | null
  /** Next offset of the target partition, asked for before the first send. */
  readonly targetLogEnd: bigint
  /** Source offset to be read first. */
  readonly position: bigint
  /** No position was stored: nobody has mirrored this partition before, as far as is known. */
  readonly isFresh: boolean
}

export interface MapRecord {
  readonly key: Buffer
  /** Null: a tombstone. */
  readonly value: Buffer | null
}

/** Keeps the map of one partition while a task mirrors it. All is told in the order of acknowledgement. */
export class PartitionMapWriter {
  /** `map` has been read to its end. */
  constructor(_map: OffsetMap, _start: MapStart) {
    // To come.
  }

  /** Source records `[u, u + n)` are at target offsets `[d, d + n)`; -1n: acknowledged, but not told where. */
  mirrored(_u: bigint, _d: bigint, _n: number): void {
    // To come.
  }

  /**
   * Source offsets `[from, to)` are not mirrored. May be told ahead of the runs before them (a gap that fetching met).
   * `to` below `from`: the source log lost its end, and is mirrored again from `to` on.
   */
  skipped(_from: bigint, _to: bigint, _reason: HoleReason): void {
    // To come.
  }

  /** Whatever lies below `to` is mirrored or has no record. */
  covered(_to: bigint): void {
    // To come.
  }

  /** The source log ends here: what it holds has been mirrored once all below is covered. Only the first one told counts. */
  sourceEnds(_at: bigint): void {
    // To come.
  }

  /** The source topic was deleted and created again: all told so far is void, the new one is read from `position` on. */
  recreated(_sourceTopicId: Buffer | null, _position: bigint): void {
    // To come.
  }

  get isDirty(): boolean {
    return false
  }

  /** Records to append since the last call. What the last call returned counts as written, unless `restore` was called. */
  take(): MapRecord[] {
    return []
  }

  /** What the last `take` returned could not be written. */
  restore(): void {
    // To come.
  }

  /** Tombstones for what the target's log no longer holds, and for the oldest beyond the bound. Not repeated. */
  prune(_targetLogStart: bigint): MapRecord[] {
    return []
  }
}
