import { type CancelTimer, type Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'

interface Flush {
  readonly generation: number
  readonly finish: (complete: boolean) => void
}

/**
 * Counts batches that are not settled, so that a flush can wait for those sent before it and not for later ones. Each
 * flush starts a generation: a batch carries the number of the one it was sent in.
 */
export class OutstandingBatches {
  readonly #clock: Clock
  readonly #counts = new Map<number, number>()
  readonly #flushes = new Set<Flush>()
  #generation = 0
  #total = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get total(): number {
    return this.#total
  }

  /** Of what is added now. */
  get generation(): number {
    return this.#generation
  }

  add(): void {
    this.#total += 1
    this.#counts.set(this.#generation, (this.#counts.get(this.#generation) ?? 0) + 1)
  }

  remove(generation: number): void {
    this.#total -= 1
    const left = (this.#counts.get(generation) ?? 0) - 1
    if (left > 0) {
      this.#counts.set(generation, left)
      return
    }
    this.#counts.delete(generation)
    for (const flush of this.#flushes) if (this.#isComplete(flush.generation)) flush.finish(true)
  }

  async flush(timeoutMs: number): Promise<boolean> {
    if (this.#total === 0) return true
    const done = deferred<boolean>()
    const timer: { cancel?: CancelTimer } = {}
    const flush: Flush = {
      generation: this.#generation,
      finish: (complete) => {
        this.#flushes.delete(flush)
        timer.cancel?.()
        done.resolve(complete)
      }
    }
    this.#generation += 1
    this.#flushes.add(flush)
    timer.cancel = this.#clock.schedule(timeoutMs, () => {
      flush.finish(false)
    })
    return await done.promise
  }

  /** Nothing is settled any more: running flushes end with false. */
  close(): void {
    for (const flush of this.#flushes) flush.finish(false)
  }

  #isComplete(generation: number): boolean {
    for (const counted of this.#counts.keys()) if (counted <= generation) return false
    return true
  }
}
