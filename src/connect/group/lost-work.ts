import { type Clock } from '../../base/clock.ts'
import { type Loads } from './load-balancing.ts'
import { WorkSet, workKinds } from './work-set.ts'

export interface LostWorkRound {
  /** What was handed out and nobody runs now. */
  readonly lost: WorkSet
  /** Work that comes back to a member that waited for it is added here. */
  readonly loads: Loads
  readonly previousMembers: ReadonlySet<string>
  /** Whether the round before this one revoked for balance. */
  readonly hasRevoked: boolean
}

/**
 * The delayed rebalance: work of a member that went is kept for it for a while (`scheduled.rebalance.max.delay.ms`), so that a
 * restart does not move everything twice. Whoever comes meanwhile without work is a candidate, and gets it when the delay is over.
 */
export class LostWork {
  readonly #maxDelayMs: number
  readonly #clock: Clock
  /** Ids of members that joined without work while work was waiting, in order. */
  readonly #candidates = new Set<string>()
  /** clock.monotonic() at which the delay is over; undefined while there is none. */
  #dueAt: number | undefined
  #delayMs = 0

  constructor(options: { readonly maxDelayMs: number; readonly clock: Clock }) {
    this.#maxDelayMs = options.maxDelayMs
    this.#clock = options.clock
  }

  /** What is left of the delay, as of the last round; 0 while there is none. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** Puts all rebalancing off. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs
    this.#dueAt = this.#clock.monotonic() + delayMs
  }

  /** Decides on lost work; returns what is to be dealt out to anybody now, and whether a delay has just ended. */
  settle(round: LostWorkRound): { readonly reassign: WorkSet; readonly isDelayOver: boolean } {
    const { lost, loads, previousMembers, hasRevoked } = round
    const nothing = { reassign: new WorkSet(), isDelayOver: false }
    if (lost.size === 0 && !hasRevoked) {
      this.#clear()
      return nothing
    }
    const everybodyIsHere = [...previousMembers].every((memberId) => loads.has(memberId))
    // Nobody went: the last assignment did not reach its member.
    if (this.#dueAt === undefined && everybodyIsHere) return { reassign: lost, isDelayOver: false }
    if (this.#maxDelayMs === 0) return { reassign: lost, isDelayOver: false }
    const now = this.#clock.monotonic()
    if (this.#dueAt !== undefined && now >= this.#dueAt) {
      const reassign = this.#giveToCandidates(lost, loads)
      this.#clear()
      return { reassign, isDelayOver: true }
    }
    for (const [memberId, load] of loads) if (load.size === 0) this.#candidates.add(memberId)
    this.delay(this.#dueAt === undefined ? this.#maxDelayMs : Math.min(this.#dueAt - now, this.#maxDelayMs))
    return nothing
  }

  /** Returns what is left over: all of it when no candidate is there any more. */
  #giveToCandidates(lost: WorkSet, loads: Loads): WorkSet {
    const takers = [...this.#candidates].flatMap((memberId) => loads.get(memberId) ?? [])
    if (takers.length === 0) return lost
    for (const kind of workKinds) {
      for (const [index, item] of lost.ofKind(kind).entries()) takers[index % takers.length]?.add(item)
    }
    return new WorkSet()
  }

  #clear(): void {
    this.#candidates.clear()
    this.#dueAt = undefined
    this.#delayMs = 0
  }
}
