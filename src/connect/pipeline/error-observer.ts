/** Counters of spec 7.4, `task-error-metrics`. */
export interface ErrorObserver {
  /** An attempt failed. */
  recordFailure(): void
  /** An operation on a record failed for good. */
  recordError(): void
  /** A record was left out because of an error. */
  skipped(): void
  /** An operation is about to be tried again. */
  retry(): void
  /** A failed record was logged. */
  logged(): void
}
