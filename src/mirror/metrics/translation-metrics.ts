import { type Clock } from '../../base/clock.ts'
import { type TopicPartition, topicPartitionKey } from '../../client/topic-partition.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type MetricTask, type RouteNames } from './route-names.ts'
import {
  mirrorCheckpointMetrics,
  mirrorCheckpointPluginMetrics,
  offsetMapMetrics,
  translationMetrics
} from './translation-metric-tables.ts'

/** How a committed offset was translated. */
export type TranslationQuality = 'exact' | 'conservative' | 'untranslated'

export interface CheckpointTaskMetricsOptions extends MetricTask {
  readonly registry: MetricRegistry
  readonly names: RouteNames
  readonly clock: Clock
}

/** Records what a checkpoint task translates and emits. Rows appear with what they are of, and go with the task. */
export class CheckpointTaskMetrics {
  readonly #options: CheckpointTaskMetricsOptions
  readonly #legacy
  readonly #plugin
  readonly #translation
  readonly #latencySensor: number
  readonly #acknowledged = new Map<string, readonly MetricRow[]>()
  readonly #groups = new Map<string, MetricRow>()

  constructor(options: CheckpointTaskMetricsOptions) {
    const { registry } = options
    this.#options = options
    this.#legacy = registry.group(mirrorCheckpointMetrics)
    this.#plugin = registry.group(mirrorCheckpointPluginMetrics)
    this.#translation = registry.group(translationMetrics)
    // Both tables have it alone.
    this.#latencySensor = this.#legacy.sensor('latency')
  }

  /** One committed offset of a group was translated, or could not be. */
  translated(group: string, quality: TranslationQuality): void {
    let row = this.#groups.get(group)
    if (row === undefined) {
      row = this.#translation.entity({ ...this.#options.names, group })
      this.#groups.set(group, row)
    }
    row.record(this.#translation.sensor(quality), 1)
  }

  /**
   * The target acknowledged a checkpoint.
   * @param partition with the topic's name at the target
   * @param timestampMs of the checkpoint's record
   */
  acknowledged(group: string, partition: TopicPartition, timestampMs: number): void {
    const key = `${topicPartitionKey(partition.topic, partition.partition)} ${group}`
    let rows = this.#acknowledged.get(key)
    if (rows === undefined) {
      rows = this.#checkpointRows(group, partition)
      this.#acknowledged.set(key, rows)
    }
    const latencyMs = this.#options.clock.now() - timestampMs
    for (const row of rows) row.record(this.#latencySensor, latencyMs)
  }

  /** The task has ended. */
  close(): void {
    for (const rows of this.#acknowledged.values()) for (const row of rows) row.remove()
    for (const row of this.#groups.values()) row.remove()
  }

  #checkpointRows(group: string, { topic, partition }: TopicPartition): readonly MetricRow[] {
    const { names, connector, task, formats } = this.#options
    const tags = { ...names, connector, task: String(task), group, topic, partition: String(partition) }
    const rows = formats.includes('legacy') ? [this.#legacy.entity(tags)] : []
    return formats.includes('new') ? [...rows, this.#plugin.entity(tags)] : rows
  }
}

/** Told of the offset map's topic. */
export interface OffsetMapObserver {
  /** Whether it can be read and written; also at the start. */
  usable(isUsable: boolean): void
  /** Records were written. */
  appended(records: number, bytes: number): void
  appendFailed(): void
  /** Nobody in this process uses it any more. */
  closed(): void
}

export function observeOffsetMap(registry: MetricRegistry, names: RouteNames): OffsetMapObserver {
  const group = registry.group(offsetMapMetrics)
  const row = group.entity({ ...names })
  const [usable, records, bytes] = [group.sensor('usable'), group.sensor('records'), group.sensor('bytes')]
  return {
    usable: (isUsable) => {
      row.record(usable, isUsable ? 1 : 0)
    },
    appended: (recordCount, byteCount) => {
      row.record(records, recordCount)
      row.record(bytes, byteCount)
    },
    appendFailed: () => {
      row.record(group.sensor('failures'), 1)
    },
    closed: () => {
      row.remove()
    }
  }
}
