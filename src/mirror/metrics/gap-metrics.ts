import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type MetricRegistry, type MetricRows } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type RouteNames } from './route-names.ts'
import { type GapKind, gapKinds, gapMetrics, partitionGapMetrics } from './source-metric-tables.ts'

/** Counts source records of a route that will never be at the target. Rows stay as long as the process: they are counters. */
export class GapMetrics {
  readonly #names: RouteNames
  readonly #sensor: number
  readonly #byKind = new Map<GapKind, MetricRow>()
  readonly #partitions: MetricRows<'gap', 'source' | 'target' | 'topic' | 'partition' | 'kind', never>
  readonly #byPartition = new Map<string, MetricRow>()

  constructor(registry: MetricRegistry, names: RouteNames) {
    this.#names = names
    const kinds = registry.group(gapMetrics)
    this.#sensor = kinds.sensor('gap')
    for (const kind of kindNames) this.#byKind.set(kind, kinds.entity({ ...names, kind }))
    this.#partitions = registry.group(partitionGapMetrics)
  }

  /**
   * @param partition with the topic's name at the target
   * @param records source offsets in the gap; 0 where that is not known
   */
  record({ topic, partition }: TopicPartition, kind: GapKind, records: number): void {
    this.#byKind.get(kind)?.record(this.#sensor, records)
    const key = `${kind} ${topicPartitionKey(topic, partition)}`
    let row = this.#byPartition.get(key)
    if (row === undefined) {
      row = this.#partitions.entity({ ...this.#names, topic, partition: String(partition), kind })
      this.#byPartition.set(key, row)
    }
    row.record(this.#sensor, records)
  }
}

const kindNames = Object.keys(gapKinds).filter((kind): kind is GapKind => Object.hasOwn(gapKinds, kind))
