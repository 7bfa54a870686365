import { type Clock } from '../base/clock.ts'
import { windowedStatistics, type MetricGroup, type Statistic } from './metric-group.ts'
import { type SampleWindow } from './sample-window.ts'

/**
 * All rows of one metric group in one Float64Array, a row after the other: when it was created, then for each sensor its
 * running figures and, where a statistic needs them, the samples of its window. 10,000 partitions cost one array.
 */
export class MetricStore {
  readonly group: MetricGroup
  readonly attributes: readonly StoredAttribute[]
  readonly textNames: readonly string[]
  readonly #clock: Clock
  readonly #window: SampleWindow
  /** Slot of each sensor, and of its window (0 when it has none), relative to the row. */
  readonly #sensorSlots: readonly { readonly at: number; readonly window: number }[]
  readonly #width: number
  #values: Float64Array
  #capacity: number
  readonly #rows: (MetricRow | undefined)[] = []
  readonly #free: number[] = []
  readonly #byLabels = new Map<string, MetricRow>()

  constructor(group: MetricGroup, clock: Clock, window: SampleWindow) {
    this.group = group
    this.#clock = clock
    this.#window = window
    let width = 1
    const attributes: StoredAttribute[] = []
    this.#sensorSlots = Object.values(group.sensors).map((sensor, number) => {
      const at = width
      const entries = Object.entries(sensor.attributes)
      for (const [name, statistic] of entries) {
        attributes.push({ name, sensor: number, statistic, meaning: sensor.meaning })
      }
      const hasWindow = entries.some(([, statistic]) => windowedStatistics.has(statistic))
      width += figures + (hasWindow ? window.slots : 0)
      return { at, window: hasWindow ? at + figures : 0 }
    })
    this.attributes = attributes
    this.textNames = Object.keys(group.texts)
    this.#width = width
    this.#capacity = 1
    this.#values = new Float64Array(width)
  }

  /** Rows by number; undefined where one was removed. */
  get rows(): readonly (MetricRow | undefined)[] {
    return this.#rows
  }

  get rowCount(): number {
    return this.#byLabels.size
  }

  /** A new row; one of equal labels is removed first, since no two series may have the same name. */
  add(labels: string): MetricRow {
    this.#byLabels.get(labels)?.remove()
    const index = this.#free.pop() ?? this.#rows.length
    if (index >= this.#capacity) this.#grow()
    const row = new MetricRow(this, index, labels)
    this.#rows[index] = row
    this.#byLabels.set(labels, row)
    this.#clear(index)
    return row
  }

  /** Called by the row. */
  remove(row: MetricRow, index: number): void {
    this.#rows[index] = undefined
    this.#byLabels.delete(row.labels)
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
    values[at + weighted] = weightedTime(values, at, nowMs)
    values[at + last] = value
    values[at + total] = (values[at + total] ?? 0) + value
    values[at + count] = (values[at + count] ?? 0) + 1
    values[at + lastTime] = nowMs
    if (slots.window > 0) this.#window.record(values, row + slots.window, value, nowMs)
  }

  read(index: number, { sensor, statistic }: StoredAttribute): number {
    const slots = this.#sensorSlots[sensor]
    if (slots === undefined) return NaN
    const row = index * this.#width
    const nowMs = this.#clock.monotonic()
    return windowedStatistics.has(statistic)
      ? this.#readWindow(row + slots.window, statistic, nowMs)
      : this.#readFigure(row, row + slots.at, statistic, nowMs)
  }

  #readFigure(row: number, at: number, statistic: Statistic, nowMs: number): number {
    const values = this.#values
    const slot = (field: number): number => values[at + field] ?? NaN
    const hasAny = slot(count) > 0
    switch (statistic) {
      case 'total':
        return slot(total)
      case 'count':
        return slot(count)
      case 'time-share':
        return weightedTime(values, at, nowMs) / Math.max(nowMs - (values[row] ?? NaN), 1)
      case 'ms-since':
        return hasAny ? nowMs - slot(lastTime) : Infinity
      case 'seconds-since':
        return hasAny ? Math.floor((nowMs - slot(lastTime)) / 1000) : -1
      default:
        return slot(last)
    }
  }

  #readWindow(at: number, statistic: Statistic, nowMs: number): number {
    const values = this.#values
    const window = this.#window
    const number = window.count(values, at, nowMs)
    const sum = window.sum(values, at, nowMs)
    switch (statistic) {
      case 'rate':
        return (sum * 1000) / window.spanMs(values, at, nowMs)
      case 'event-rate':
        return (number * 1000) / window.spanMs(values, at, nowMs)
      case 'event-rate-per-hour':
        return (number * 3_600_000) / window.spanMs(values, at, nowMs)
      case 'max':
        return window.max(values, at, nowMs)
      case 'min':
        return window.min(values, at, nowMs)
      case 'success':
        return number === 0 ? 0 : sum / number
      case 'failure':
        return number === 0 ? 0 : 1 - sum / number
      default:
        return sum / number
    }
  }

  #clear(index: number): void {
    const nowMs = this.#clock.monotonic()
    const row = index * this.#width
    this.#values.fill(0, row, row + this.#width)
    this.#values[row] = nowMs
    for (const { at, window } of this.#sensorSlots) {
      this.#values[row + at + lastTime] = nowMs
      if (window > 0) this.#window.clear(this.#values, row + window)
    }
  }

  #grow(): void {
    this.#capacity *= 2
    const grown = new Float64Array(this.#capacity * this.#width)
    grown.set(this.#values)
    this.#values = grown
  }
}

/** One entity of a group: a task, a partition. Once removed (or replaced by one of equal labels) it takes nothing any more. */
export class MetricRow {
  /** As they stand in a scrape. */
  readonly labels: string
  readonly #store: MetricStore | undefined
  readonly #texts: string[] = []
  #index: number

  /** @param store undefined: nothing is kept of this row */
  constructor(store: MetricStore | undefined, index: number, labels: string) {
    this.#store = store
    this.#index = store === undefined ? removed : index
    this.labels = labels
  }

  /** @param sensor number of the sensor, looked up once in `MetricRows.sensors` */
  record(sensor: number, value: number): void {
    if (this.#index !== removed) this.#store?.record(this.#index, sensor, value)
  }

  /** @param text number of the attribute, looked up once in `MetricRows.texts` */
  setText(text: number, value: string): void {
    this.#texts[text] = value
  }

  /** Undefined while it was not set. */
  textOf(text: number): string | undefined {
    return this.#texts[text]
  }

  remove(): void {
    const index = this.#index
    if (index === removed) return
    this.#index = removed
    this.#store?.remove(this, index)
  }
}

export interface StoredAttribute {
  readonly name: string
  readonly sensor: number
  readonly statistic: Statistic
  readonly meaning: string
}

const removed = -1

/** Running figures of a sensor. */
const last = 0
const total = 1
const count = 2
const lastTime = 3
/** Recorded values times how long each was the last one, in ms. */
const weighted = 4
const figures = 5

function weightedTime(values: Float64Array, at: number, nowMs: number): number {
  const sinceMs = nowMs - (values[at + lastTime] ?? NaN)
  return (values[at + weighted] ?? NaN) + (values[at + last] ?? NaN) * sinceMs
}
