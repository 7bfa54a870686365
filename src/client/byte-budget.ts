/**
 * Bounds the bytes that one flow keeps in memory, from the moment a fetch response arrives until its last batch is
 * acknowledged. Taking never fails, since the bytes have arrived already; instead no new fetch is sent while a quarter of
 * the limit is in use, and each fetch is bounded by itself (fetch.max.bytes). So the limit holds as long as the fetches in
 * flight together ask for no more than the rest. A quarter, and not more, because what has just been read is cheaper to
 * send: with half of 48 MiB waiting bytes left the processor's caches in between (3 to 6 % of the CPU of W1 of the bench).
 */
export class ByteBudget {
  readonly limitBytes: number
  readonly #resumeBelowBytes: number
  readonly #waiting = new Set<() => void>()
  #usedBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
    this.#resumeBelowBytes = limitBytes / 4
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Whether another fetch may be sent. */
  get hasRoom(): boolean {
    return this.#usedBytes < this.#resumeBelowBytes
  }

  take(bytes: number): void {
    this.#usedBytes += bytes
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes
    if (this.#waiting.size === 0 || !this.hasRoom) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Calls `wake` once when there is room again, however often the same function was handed in meanwhile. */
  onRoom(wake: () => void): void {
    this.#waiting.add(wake)
  }
}
