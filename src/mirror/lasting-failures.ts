import { failureKind } from '../base/errors.ts'

/** Which failures have been told: one that lasts is logged once, until it ends or becomes another. */
export class LastingFailures {
  readonly #kinds = new Map<string, string>()

  /** Whether this failure of the subject is to be told; from now on it counts as told. */
  isNew(subject: string, error: Error): boolean {
    const kind = failureKind(error)
    if (this.#kinds.get(subject) === kind) return false
    this.#kinds.set(subject, kind)
    return true
  }

  /** Whether there was one to end. */
  ended(subject: string): boolean {
    return this.#kinds.delete(subject)
  }
}
