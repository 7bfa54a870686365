import { type Statistic } from './statistics.ts'

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
  /** What a row stands for. */
  readonly meaning: string
  readonly sensors: Readonly<Record<Sensor, SensorFacts>>
  /** Attributes whose value is text, with their meaning. */
  readonly texts: Readonly<Record<Text, string>>
}

/** Something that values are recorded of, and the attributes made of them. */
export interface SensorFacts {
  readonly meaning: string
  /** Of the recorded values. */
  readonly unit: string
  readonly attributes: Readonly<Record<string, Statistic>>
}

/** Infers the names of a table. */
export function metricGroup<const Tag extends string, const Sensor extends string, const Text extends string>(
  group: MetricGroup<Sensor, Tag, Text>
): MetricGroup<Sensor, Tag, Text> {
  return group
}
