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

/** A partition that one task has stopped at. */
interface Stop {
  readonly name: string
  readonly row: MetricRow
}

/** Counts what stands still on a route, and names it. */
export class StoppedMetrics {
  readonly #names: RouteNames
  readonly #counts
  readonly #partitions
  readonly #rows: Readonly<Record<StoppedSide, MetricRow>>
  readonly #stops: Readonly<Record<StoppedSide, Set<Stop>>> = { source: new Set(), target: new Set() }

  constructor(registry: MetricRegistry, names: RouteNames) {
    this.#names = names
    this.#counts = registry.group(stoppedMetrics)
    this.#partitions = registry.group(stoppedPartitionMetrics)
    const row = (side: StoppedSide): MetricRow => this.#counts.entity({ ...names, side })
    this.#rows = { source: row('source'), target: row('target') }
  }

  /** `topic-partition (side)` of each that stands still now. */
  get partitionNames(): readonly string[] {
    const { source, target } = this.#stops
    return [...[...source].map(({ name }) => `${name} (source)`), ...[...target].map(({ name }) => `${name} (target)`)]
  }

  ofTask(side: StoppedSide): StoppedPartitions {
    const own = new Map<string, Stop>()
    const resume = (name: string): void => {
      const stop = own.get(name)
      if (stop === undefined) return
      own.delete(name)
      stop.row.remove()
      this.#stops[side].delete(stop)
      this.#count(side)
    }
    return {
      stopped: ({ topic, partition }) => {
        const name = topicPartitionKey(topic, partition)
        if (own.has(name)) return
        const row = this.#partitions.entity({ ...this.#names, topic, partition: String(partition), side })
        row.record(this.#partitions.sensor('stopped'), 1)
        const stop = { name, row }
        own.set(name, stop)
        this.#stops[side].add(stop)
        this.#count(side)
      },
      resumed: ({ topic, partition }) => {
        resume(topicPartitionKey(topic, partition))
      },
      close: () => {
        for (const name of [...own.keys()]) resume(name)
      }
    }
  }

  #count(side: StoppedSide): void {
    this.#rows[side].record(this.#counts.sensor('partitions'), this.#stops[side].size)
  }
}
