/** Figures of one sensor of one row, as they are now. */
export interface SensorReading {
  readonly last: number
  /** Since creation. */
  readonly total: number
  readonly count: number
  /** Since the last recording. */
  readonly sinceMs: number
  /** Values times how long each was the last one. */
  readonly weightedMs: number
  /** Since creation. */
  readonly ageMs: number
  /** Of the window, whose figures are NaN where the sensor has none. */
  readonly windowSum: number
  readonly windowCount: number
  readonly windowMax: number
  readonly windowMin: number
  readonly windowMs: number
}

interface StatisticFacts {
  /** As docs/metrics.md says it. */
  readonly meaning: string
  readonly isWindowed: boolean
  /** Prometheus type of the series. */
  readonly type: 'counter' | 'gauge'
  of(reading: SensorReading): number
}

const running = (meaning: string, of: (reading: SensorReading) => number): StatisticFacts => ({
  meaning,
  isWindowed: false,
  type: 'gauge',
  of
})

const counter = (meaning: string, of: (reading: SensorReading) => number): StatisticFacts => ({
  ...running(meaning, of),
  type: 'counter'
})

const windowed = (meaning: string, of: (reading: SensorReading) => number): StatisticFacts => ({
  ...running(meaning, of),
  isWindowed: true
})

/** How an attribute follows from recorded values; empty windows give what the reference gives. */
export const statistics = {
  value: running('the last one', (r) => r.last),
  total: counter('sum since creation', (r) => r.total),
  count: counter('how often, since creation', (r) => r.count),
  zeros: counter('how many zeros, since creation', (r) => r.count - r.total),
  rate: windowed('sum per second, over the window', (r) => (r.windowSum * 1000) / r.windowMs),
  'event-rate': windowed('how often per second, over the window', (r) => (r.windowCount * 1000) / r.windowMs),
  'event-rate-per-hour': windowed(
    'how often per hour, over the window',
    (r) => (r.windowCount * 3_600_000) / r.windowMs
  ),
  avg: windowed('average over the window, NaN when empty', (r) => r.windowSum / r.windowCount),
  max: windowed('largest in the window, NaN when empty', (r) => r.windowMax),
  min: windowed('smallest in the window, NaN when empty', (r) => r.windowMin),
  success: windowed('fraction (0 to 1) of ones in the window, 0 when empty', (r) =>
    r.windowCount === 0 ? 0 : r.windowSum / r.windowCount
  ),
  failure: windowed('fraction (0 to 1) of zeros in the window, 0 when empty', (r) =>
    r.windowCount === 0 ? 0 : 1 - r.windowSum / r.windowCount
  ),
  'time-share': running(
    'fraction (0 to 1) of the time since creation that it was 1',
    (r) => r.weightedMs / Math.max(r.ageMs, 1)
  ),
  'ms-since': running('milliseconds since the last one, +Inf before the first', (r) =>
    r.count === 0 ? Infinity : r.sinceMs
  ),
  'seconds-since': running('whole seconds since the last one, -1 before the first', (r) =>
    r.count === 0 ? -1 : Math.floor(r.sinceMs / 1000)
  )
} as const satisfies Readonly<Record<string, StatisticFacts>>

export type Statistic = keyof typeof statistics
