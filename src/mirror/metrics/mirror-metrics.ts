import { type Clock } from '../../base/clock.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { GapMetrics } from './gap-metrics.ts'
import { type MetricTask, type RouteNames } from './route-names.ts'
import { type StoppedSide } from './source-metric-tables.ts'
import { SourceTaskMetrics } from './source-task-metrics.ts'
import { StoppedMetrics, type StoppedPartitions } from './stopped-partitions.ts'
import { CheckpointTaskMetrics, observeOffsetMap, type OffsetMapObserver } from './translation-metrics.ts'

export interface MirrorMetricsOptions extends RouteNames {
  readonly registry: MetricRegistry
  readonly clock: Clock
}

/** All metrics of mirroring on one route: hand what it makes to whoever has something to tell. */
export class MirrorMetrics {
  readonly gaps: GapMetrics
  readonly #parts: { readonly registry: MetricRegistry; readonly names: RouteNames; readonly clock: Clock }
  readonly #stopped: StoppedMetrics

  constructor({ registry, source, target, clock }: MirrorMetricsOptions) {
    const names = { source, target }
    this.#parts = { registry, names, clock }
    this.gaps = new GapMetrics(registry, names)
    this.#stopped = new StoppedMetrics(registry, names)
  }

  /** For a source task that starts; closed by it. */
  sourceTask(task: MetricTask, partitions: readonly TopicPartition[]): SourceTaskMetrics {
    return new SourceTaskMetrics({ ...this.#parts, ...task, partitions })
  }

  /** For a checkpoint task that starts; closed by it. */
  checkpointTask(task: MetricTask): CheckpointTaskMetrics {
    return new CheckpointTaskMetrics({ ...this.#parts, ...task })
  }

  /** For one task, or its producer; closed by it. */
  stoppedPartitions(side: StoppedSide): StoppedPartitions {
    return this.#stopped.ofTask(side)
  }

  /** What stands still now on the route, in this process: `topic-partition (side)`. */
  get stoppedPartitionNames(): readonly string[] {
    return this.#stopped.partitionNames
  }

  /** For the offset map of the route, which is one in a process, when it is opened. */
  offsetMap(): OffsetMapObserver {
    return observeOffsetMap(this.#parts.registry, this.#parts.names)
  }
}
