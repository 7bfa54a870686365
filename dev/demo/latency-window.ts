/** Percentiles over the newest latencies. */
export class LatencyWindow {
  readonly #samplesMs: number[] = []
  readonly #size: number
  #next = 0

  constructor(size = 2_000) {
    this.#size = size
  }

  add(latencyMs: number): void {
    this.#samplesMs[this.#next] = latencyMs
    this.#next = (this.#next + 1) % this.#size
  }

  /** Nearest rank; undefined before the first sample. */
  percentileMs(percent: number): number | undefined {
    const sorted = [...this.#samplesMs].sort((a, b) => a - b)
    return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
  }
}
