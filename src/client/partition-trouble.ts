import { type Backoff } from '../base/backoff.ts'
import { type CancelTimer } from '../base/clock.ts'

/** A stretch of failures of one partition, from the first one to the next acknowledgement. */
export interface PartitionTrouble {
  /** clock.monotonic() of the first failure. */
  readonly sinceMs: number
  /** Between attempts at what passes by itself. */
  readonly backoff: Backoff
  /** Between attempts at what an operator must repair. */
  readonly slowBackoff: Backoff
  /** What the operator was told. */
  told: 'nothing' | 'waiting' | 'blocked'
  /** Answers that can be passing or for ever. */
  unclearAnswers: number
  cancelTimer: CancelTimer | null
}
