import { type HoleReason } from './partition-map.ts'

/** Source offsets `[from, to)` that are not mirrored. `to` below `from`: the source log lost its end, and is read again from `to` on. */
export interface ToldAhead {
  readonly from: bigint
  readonly to: bigint
  readonly reason: HoleReason
  /** Of the topic that begins here; undefined: it is the same one. */
  readonly newTopicId?: Buffer | null
}

/** What fetching met and told before the records in front of it were acknowledged, in the order of telling. */
export class ToldAheadQueue {
  readonly #told: ToldAhead[] = []

  /** Where the last of it begins, if the source log went back anywhere in it; else undefined. */
  get returnsFrom(): bigint | undefined {
    return this.#told.some(({ from, to }) => to < from) ? this.#told.at(-1)?.from : undefined
  }

  push(told: ToldAhead): void {
    this.#told.push(told)
  }

  /** The next that begins at `position` or before, taken out. */
  take(position: bigint): ToldAhead | undefined {
    const [next] = this.#told
    return next !== undefined && next.from <= position ? this.#told.shift() : undefined
  }
}
