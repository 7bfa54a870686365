/**
 * The metric table: the one description of a metric that recording, scraping and docs/metrics.md are made from. Each layer
 * keeps tables of the metrics it owns, in the reference's words: MBean group, tag and attribute names.
 */
export interface MetricGroup<
  Sensor extends string = string,
  Tag extends string = string,
  Text extends string = string
> {
  /** JMX domain of the reference. */
  readonly domain: string
  /** The MBean's `type`. */
  readonly name: string
  /** In the order of the MBean's name; they become labels. A group with the tag `partition` can be switched off. */
  readonly tags: readonly Tag[]
  readonly meaning: string
  readonly sensors: Readonly<Record<Sensor, SensorFacts>>
  /** Attributes whose value is text, with their meaning. */
  readonly texts: Readonly<Record<Text, string>>
}

/** Something that values are recorded of, and the attributes made of them. */
export interface SensorFacts {
  readonly meaning: string
  readonly unit: Unit
  readonly attributes: Readonly<Record<string, Statistic>>
}

export type Unit =
  | 'records'
  | 'bytes'
  | 'ms'
  | 'epoch ms'
  | 'connectors'
  | 'tasks'
  | 'attempts'
  | 'errors'
  | 'requests'
  | 'rebalances'
  | 'generation'
  | 'time'
  | '0 or 1'

/** How an attribute follows from recorded values, as docs/metrics.md says it. */
export const statistics = {
  value: 'the last one',
  total: 'sum since creation',
  count: 'how often, since creation',
  rate: 'sum per second over the window',
  'event-rate': 'how often per second over the window',
  'event-rate-per-hour': 'how often per hour over the window',
  avg: 'average over the window, NaN when empty',
  max: 'largest in the window, NaN when empty',
  min: 'smallest in the window, NaN when empty',
  success: 'fraction (0 to 1) of ones in the window, 0 when empty',
  failure: 'fraction (0 to 1) of zeros in the window, 0 when empty',
  'time-share': 'fraction (0 to 1) of the time since creation that it was 1',
  'ms-since': 'milliseconds since the last one, +Inf before the first',
  'seconds-since': 'seconds since the last one, -1 before the first'
} as const

export type Statistic = keyof typeof statistics

/** Those that need the samples of the window; the others follow from running figures. */
export const windowedStatistics: ReadonlySet<Statistic> = new Set<Statistic>([
  'rate',
  'event-rate',
  'event-rate-per-hour',
  'avg',
  'max',
  'min',
  'success',
  'failure'
])

/** Infers the names of a table. */
export function metricGroup<
  const Tag extends string,
  const Sensor extends string,
  const Text extends string = never
>(facts: {
  readonly domain: string
  readonly name: string
  readonly tags: readonly Tag[]
  readonly meaning: string
  readonly sensors: Readonly<Record<Sensor, SensorFacts>>
  readonly texts?: Readonly<Record<Text, string>>
}): MetricGroup<Sensor, Tag, Text> {
  return { ...facts, texts: facts.texts ?? noTexts() }
}

function noTexts<Text extends string>(): Readonly<Record<Text, string>> {
  const none: Partial<Record<Text, string>> = {}
  return none as Readonly<Record<Text, string>>
}
