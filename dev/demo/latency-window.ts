/** Percentiles over the latencies of the last seconds. */
export class LatencyWindow {
  readonly #windowMs: number
  #samples: { readonly at: number; readonly latencyMs: number }[] = []

  constructor(windowMs = 10_000) {
    this.#windowMs = windowMs
  }

  add(latencyMs: number, now: number): void {
    this.#samples.push({ at: now, latencyMs })
  }

  /** Nearest rank of each; undefined without a sample. Forgets what is older than the window. */
  percentilesMs(percents: readonly number[], now: number): (number | undefined)[] {
    this.#samples = this.#samples.filter(({ at }) => at > now - this.#windowMs)
    const sorted = this.#samples.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
    return percents.map((percent) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)])
  }
}
