import { type Clock } from '../base/clock.ts'
import { type MetricGroup } from './metric-group.ts'
import { MetricRow } from './metric-row.ts'
import { type SampleWindow } from './sample-window.ts'
import { statistics, type SensorReading, type Statistic } from './statistics.ts'

export interface StoredAttribute {
  readonly name: string
  /** Place of its sensor in the table. */
  readonly sensor: number
  readonly statistic: Statistic
  readonly meaning: string
}

/**
 * All rows of one metric group in one Float64Array, a row after the other: when it was created, then for each sensor its
 * running figures and, where a statistic needs them, the samples of its window. 10,000 partitions cost one array.
 */
export class MetricStore {
  readonly group: MetricGroup
  readonly attributes: readonly StoredAttribute[]
  readonly #clock: Clock
  readonly #window: SampleWindow
  /** Slot of each sensor, and of its window (0 when it has none), relative to the row. */
  readonly #sensorSlots: readonly { readonly at: number; readonly window: number }[]
  readonly #width: number
  #values: Float64Array
  #added = 0
  readonly #rows: (MetricRow | undefined)[] = []
  readonly #free: number[] = []
  readonly #byLabels = new Map<string, MetricRow>()

  constructor(group: MetricGroup, clock: Clock, window: SampleWindow) {
    this.group = group
    this.#clock = clock
    this.#window = window
    const attributes: StoredAttribute[] = []
    let width = 1
    this.#sensorSlots = Object.values(group.sensors).map((facts, sensor) => {
      const own = Object.entries(facts.attributes)
      for (const [name, statistic] of own) attributes.push({ name, sensor, statistic, meaning: facts.meaning })
      const at = width
      const hasWindow = own.some(([, statistic]) => statistics[statistic].isWindowed)
      width += figures + (hasWindow ? window.slots : 0)
      return { at, window: hasWindow ? at + figures : 0 }
    })
    this.attributes = attributes
    this.#width = width
    this.#values = new Float64Array(width)
  }

  /** Undefined where a row was removed. */
  get rows(): readonly (MetricRow | undefined)[] {
    return this.#rows
  }

  get rowCount(): number {
    return this.#byLabels.size
  }

  /** Serial of the newest row. */
  get newest(): number {
    return this.#added
  }

  /** A row of zeros; one of equal labels is removed first, since no two series may have the same name. */
  add(labels: string): MetricRow {
    this.#byLabels.get(labels)?.remove()
    const index = this.#free.pop() ?? this.#rows.length
    this.#clear(index)
    this.#added += 1
    const row = new MetricRow(this, index, labels, this.#added)
    this.#rows[index] = row
    this.#byLabels.set(labels, row)
    return row
  }

  /** Called by the row. */
  remove(index: number, labels: string): void {
    this.#rows[index] = undefined
    this.#byLabels.delete(labels)
    this.#free.push(index)
  }

  /** Called by the row. */
  record(index: number, sensor: number, value: number): void {
    const slots = this.#sensorSlots[sensor]
    if (slots === undefined) return
    const values = this.#values
    const nowMs = this.#clock.monotonic()
    const row = index * this.#width
    const at = row + slots.at
    values[at + weighted] = weightedMs(values, at, nowMs)
    values[at + last] = value
    values[at + total] = read(values, at + total) + value
    values[at + count] = read(values, at + count) + 1
    values[at + lastTime] = nowMs
    if (slots.window > 0) this.#window.record(values, row + slots.window, value, nowMs)
  }

  valueOf(index: number, { sensor, statistic }: StoredAttribute): number {
    return statistics[statistic].of(this.#reading(index, sensor))
  }

  #reading(index: number, sensor: number): SensorReading {
    const slots = this.#sensorSlots[sensor] ?? { at: 0, window: 0 }
    const values = this.#values
    const nowMs = this.#clock.monotonic()
    const row = index * this.#width
    const at = row + slots.at
    const window = slots.window > 0 ? this.#window.read(values, row + slots.window, nowMs) : noWindow
    return {
      last: read(values, at + last),
      total: read(values, at + total),
      count: read(values, at + count),
      sinceMs: nowMs - read(values, at + lastTime),
      weightedMs: weightedMs(values, at, nowMs),
      ageMs: nowMs - read(values, row),
      ...window
    }
  }

  #clear(index: number): void {
    const row = index * this.#width
    if (row + this.#width > this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    const values = this.#values
    const nowMs = this.#clock.monotonic()
    values.fill(0, row, row + this.#width)
    values[row] = nowMs
    for (const { at, window } of this.#sensorSlots) {
      values[row + at + lastTime] = nowMs
      if (window > 0) this.#window.clear(values, row + window)
    }
  }
}

const noWindow = { windowSum: NaN, windowCount: NaN, windowMax: NaN, windowMin: NaN, windowMs: NaN }

/** Running figures of a sensor. */
const last = 0
const total = 1
const count = 2
const lastTime = 3
/** Up to the last recording. */
const weighted = 4
const figures = 5

function weightedMs(values: Float64Array, at: number, nowMs: number): number {
  return read(values, at + weighted) + read(values, at + last) * (nowMs - read(values, at + lastTime))
}

function read(values: Float64Array, slot: number): number {
  return values[slot] ?? NaN
}
