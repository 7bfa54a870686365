/**
 * Windowed statistics as the reference's: values fall into `samples` samples of `windowMs` each; a sample begins with the
 * first value after the one before it is full, and counts until `samples * windowMs` after it began.
 *
 * The figures lie in slots of somebody's Float64Array, newest sample first: start, sum, count, max, min. So a window costs
 * no object, whatever it belongs to.
 */
export class SampleWindow {
  /** How many slots a window takes. */
  readonly slots: number
  readonly #samples: number
  readonly #windowMs: number

  constructor(samples: number, windowMs: number) {
    this.#samples = samples
    // 0 is allowed in the reference, and would divide by zero
    this.#windowMs = Math.max(windowMs, 1)
    this.slots = samples * fields
  }

  clear(values: Float64Array, at: number): void {
    for (let slot = at; slot < at + this.slots; slot += fields) begin(values, slot, -Infinity)
  }

  record(values: Float64Array, at: number, value: number, nowMs: number): void {
    if (nowMs - read(values, at + startField) >= this.#windowMs) {
      values.copyWithin(at + fields, at, at + this.slots - fields)
      begin(values, at, nowMs)
    }
    values[at + sumField] = read(values, at + sumField) + value
    values[at + countField] = read(values, at + countField) + 1
    values[at + maxField] = Math.max(read(values, at + maxField), value)
    values[at + minField] = Math.min(read(values, at + minField), value)
  }

  sum(values: Float64Array, at: number, nowMs: number): number {
    return this.#add(values, at, sumField, nowMs)
  }

  count(values: Float64Array, at: number, nowMs: number): number {
    return this.#add(values, at, countField, nowMs)
  }

  /** NaN when empty. */
  max(values: Float64Array, at: number, nowMs: number): number {
    let found = NaN
    for (let slot = at; this.#isLive(values, at, slot, nowMs); slot += fields) {
      const value = read(values, slot + maxField)
      if (!(found >= value)) found = value
    }
    return found
  }

  /** NaN when empty. */
  min(values: Float64Array, at: number, nowMs: number): number {
    let found = NaN
    for (let slot = at; this.#isLive(values, at, slot, nowMs); slot += fields) {
      const value = read(values, slot + minField)
      if (!(found <= value)) found = value
    }
    return found
  }

  /**
   * What a sum of the window is divided by: the time since the oldest sample began, stretched by a whole window for each
   * sample that could not be filled yet, so that the first values do not look like a burst.
   */
  spanMs(values: Float64Array, at: number, nowMs: number): number {
    let elapsedMs = 0
    for (let slot = at; this.#isLive(values, at, slot, nowMs); slot += fields) {
      elapsedMs = nowMs - read(values, slot + startField)
    }
    const missing = this.#samples - 1 - Math.floor(elapsedMs / this.#windowMs)
    return Math.max(elapsedMs + Math.max(missing, 0) * this.#windowMs, 1)
  }

  #add(values: Float64Array, at: number, field: number, nowMs: number): number {
    let total = 0
    for (let slot = at; this.#isLive(values, at, slot, nowMs); slot += fields) total += read(values, slot + field)
    return total
  }

  /** Samples are in order of age, so the first one that is too old ends the walk. */
  #isLive(values: Float64Array, at: number, slot: number, nowMs: number): boolean {
    return slot < at + this.slots && nowMs - read(values, slot + startField) < this.#samples * this.#windowMs
  }
}

const startField = 0
const sumField = 1
const countField = 2
const maxField = 3
const minField = 4
const fields = 5

function begin(values: Float64Array, at: number, startMs: number): void {
  values[at + startField] = startMs
  values[at + sumField] = 0
  values[at + countField] = 0
  values[at + maxField] = -Infinity
  values[at + minField] = Infinity
}

function read(values: Float64Array, at: number): number {
  return values[at] ?? NaN
}
