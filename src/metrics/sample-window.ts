/** What a window holds now. */
export interface WindowReading {
  readonly windowSum: number
  readonly windowCount: number
  /** NaN when empty. */
  readonly windowMax: number
  readonly windowMin: number
  /**
   * What a sum is divided by: the time since the oldest sample began, stretched by a whole sample for each that could not be
   * filled yet, so that the first values do not look like a burst.
   */
  readonly windowMs: number
}

/**
 * Windowed figures as the reference's: values fall into `samples` samples of `sampleMs` each; a sample begins with the first
 * value after the one before it is full, and counts until `samples * sampleMs` after it began.
 *
 * They lie in slots of somebody's Float64Array, newest sample first, so that a window costs no object.
 */
export class SampleWindow {
  /** How many slots a window takes. */
  readonly slots: number
  readonly #samples: number
  readonly #sampleMs: number

  constructor(samples: number, sampleMs: number) {
    this.#samples = samples
    // the reference allows 0, which would divide by zero
    this.#sampleMs = Math.max(sampleMs, 1)
    this.slots = samples * fields
  }

  clear(values: Float64Array, at: number): void {
    for (let slot = at; slot < at + this.slots; slot += fields) begin(values, slot, -Infinity)
  }

  record(values: Float64Array, at: number, value: number, nowMs: number): void {
    if (nowMs - read(values, at + start) >= this.#sampleMs) {
      values.copyWithin(at + fields, at, at + this.slots - fields)
      begin(values, at, nowMs)
    }
    values[at + sum] = read(values, at + sum) + value
    values[at + count] = read(values, at + count) + 1
    values[at + max] = Math.max(read(values, at + max), value)
    values[at + min] = Math.min(read(values, at + min), value)
  }

  read(values: Float64Array, at: number, nowMs: number): WindowReading {
    let elapsedMs = 0
    let windowSum = 0
    let windowCount = 0
    let windowMax = -Infinity
    let windowMin = Infinity
    for (let slot = at; slot < at + this.slots; slot += fields) {
      const sinceMs = nowMs - read(values, slot + start)
      // samples are in order of age
      if (sinceMs >= this.#samples * this.#sampleMs) break
      elapsedMs = sinceMs
      windowSum += read(values, slot + sum)
      windowCount += read(values, slot + count)
      windowMax = Math.max(windowMax, read(values, slot + max))
      windowMin = Math.min(windowMin, read(values, slot + min))
    }
    const unfilled = Math.max(this.#samples - 1 - Math.floor(elapsedMs / this.#sampleMs), 0)
    return {
      windowSum,
      windowCount,
      windowMax: windowCount === 0 ? NaN : windowMax,
      windowMin: windowCount === 0 ? NaN : windowMin,
      windowMs: Math.max(elapsedMs + unfilled * this.#sampleMs, 1)
    }
  }
}

/** Slots of a sample. */
const start = 0
const sum = 1
const count = 2
const max = 3
const min = 4
const fields = 5

function begin(values: Float64Array, at: number, startMs: number): void {
  values[at + start] = startMs
  values[at + sum] = 0
  values[at + count] = 0
  values[at + max] = -Infinity
  values[at + min] = Infinity
}

function read(values: Float64Array, slot: number): number {
  return values[slot] ?? NaN
}
