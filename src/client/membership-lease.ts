import { type Clock } from '../base/clock.ts'

export interface MembershipLeaseOptions {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly clock: Clock
}

/**
 * Until when the coordinator surely counts a member in, on the monotonic clock. Heartbeats are not enough: a member that beats
 * but does not join is thrown out when the rebalance that it was told of has lasted for its timeout.
 */
export class MembershipLease {
  readonly #options: MembershipLeaseOptions
  /** When the last request was sent that the coordinator answered as to a member. */
  #provenAt = -Infinity
  /** The same, of answers that knew of no rebalance, or took this member into one. */
  #calmAt = -Infinity
  #isConfirmed = false

  constructor(options: MembershipLeaseOptions) {
    this.#options = options
  }

  /** False from the loss of a membership until `confirm`. */
  get isConfirmed(): boolean {
    return this.#isConfirmed
  }

  get endsAt(): number {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    if (!this.#isConfirmed) return -Infinity
    return Math.min(this.#provenAt + sessionTimeoutMs, this.#calmAt + rebalanceTimeoutMs)
  }

  get isHeld(): boolean {
    return this.#options.clock.monotonic() < this.endsAt
  }

  confirm(): void {
    this.#isConfirmed = true
  }

  /** The membership is lost. */
  drop(): void {
    this.#isConfirmed = false
  }

  /** A request of `sentAt` was answered as to a member. Whether that brings a lapsed lease back. */
  prove(sentAt: number, isCalm: boolean): boolean {
    const wasHeld = this.isHeld
    this.#provenAt = Math.max(this.#provenAt, sentAt)
    if (isCalm) this.#calmAt = Math.max(this.#calmAt, sentAt)
    return !wasHeld && this.isHeld
  }
}
