import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type RouteNames } from './route-names.ts'
import { stoppedMetrics, stoppedPartitionMetrics, type StoppedSide } from './source-metric-tables.ts'

/** Told of partitions of one task that stand still on one side. Topics by their names at the target. */
export interface StoppedPartitions {
  stopped(partition: TopicPartition): void
  resumed(partition: TopicPartition): void
  /** The task has ended: nothing stands still any more. */
  close(): void
}

/** Counts what stands still on a route, and names it. */
export class StoppedMetrics {
  readonly #names: RouteNames
  readonly #counts
  readonly #partitions
  readonly #rows: Readonly<Record<StoppedSide, MetricRow>>
  readonly #stopped: Record<StoppedSide, number> = { source: 0, target: 0 }

  constructor(registry: MetricRegistry, names: RouteNames) {
    this.#names = names
    this.#counts = registry.group(stoppedMetrics)
    this.#partitions = registry.group(stoppedPartitionMetrics)
    const row = (side: StoppedSide): MetricRow => this.#counts.entity({ ...names, side })
    this.#rows = { source: row('source'), target: row('target') }
  }

  ofTask(side: StoppedSide): StoppedPartitions {
    const rows = new Map<string, MetricRow>()
    return {
      stopped: ({ topic, partition }) => {
        const key = topicPartitionKey(topic, partition)
        if (rows.has(key)) return
        const row = this.#partitions.entity({ ...this.#names, topic, partition: String(partition), side })
        row.record(this.#partitions.sensor('stopped'), 1)
        rows.set(key, row)
        this.#count(side, 1)
      },
      resumed: ({ topic, partition }) => {
        const key = topicPartitionKey(topic, partition)
        const row = rows.get(key)
        if (row === undefined) return
        row.remove()
        rows.delete(key)
        this.#count(side, -1)
      },
      close: () => {
        for (const row of rows.values()) row.remove()
        this.#count(side, -rows.size)
        rows.clear()
      }
    }
  }

  #count(side: StoppedSide, change: number): void {
    this.#stopped[side] += change
    this.#rows[side].record(this.#counts.sensor('partitions'), this.#stopped[side])
  }
}
