import { type HoleItem, maxItemBytes } from './map-items.ts'
import { type HoleReason } from './partition-map.ts'

/** More stretches than these are not kept apart. */
const maxStretches = 16

interface Stretch {
  length: number
  /** Undefined: records, acknowledged without an offset. */
  readonly reason: HoleReason | undefined
}

/**
 * Records that the target has, without having told where, and the holes among and behind them. The next record whose place is
 * known tells: where the target has just as many offsets free before it, they are those.
 */
export class UnplacedRecords {
  #stretches: Stretch[] = []
  #records = 0

  get records(): number {
    return this.#records
  }

  get isFull(): boolean {
    return this.#stretches.length >= maxStretches
  }

  get maxBytes(): number {
    return maxStretches * maxItemBytes
  }

  get isEmpty(): boolean {
    return this.#stretches.length === 0
  }

  add(length: number, reason: HoleReason | undefined): void {
    if (reason === undefined) this.#records += length
    const last = this.#stretches.at(-1)
    if (last !== undefined && last.reason === reason) last.length += length
    else this.#stretches.push({ length, reason })
  }

  /** As they are for now: holes. */
  asHoles(): HoleItem[] {
    return this.#stretches.map(({ length, reason }) => ({ length, reason: reason ?? 'unknown' }))
  }

  /** Forgets them, telling each in order; `reason` undefined: records. */
  drain(visit: (length: number, reason: HoleReason | undefined) => void): void {
    const stretches = this.#stretches
    this.#stretches = []
    this.#records = 0
    for (const { length, reason } of stretches) visit(length, reason)
  }
}
