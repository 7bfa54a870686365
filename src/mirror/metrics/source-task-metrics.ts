import { type Clock } from '../../base/clock.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type Lag, ReplicationLag, type SourceLogState } from './replication-lag.ts'
import { type MetricTask, type RouteNames } from './route-names.ts'
import {
  mirrorSourceMetrics,
  mirrorSourcePluginMetrics,
  partitionLagMetrics,
  taskLagMetrics
} from './source-metric-tables.ts'

/** What is recorded of a batch. */
export interface MeasuredBatch {
  readonly recordCount: number
  /** As it goes to the target, on the wire. */
  readonly bytes: number
  /** Largest timestamp of its records; negative where it has none. */
  readonly newestMs: number
}

export interface SourceTaskMetricsOptions extends MetricTask {
  readonly registry: MetricRegistry
  readonly names: RouteNames
  /** By their names at the target; they are spoken of by their place in this list. */
  readonly partitions: readonly TopicPartition[]
  readonly clock: Clock
}

/** Records what a source task polls and what the target acknowledges, by whole batches. */
export class SourceTaskMetrics {
  readonly #options: SourceTaskMetricsOptions
  readonly #sensors
  readonly #lagGroup
  readonly #lagSensors
  /** For each partition as many as there are formats. */
  readonly #rows: readonly (readonly MetricRow[])[]
  readonly #lagRows: (MetricRow | undefined)[] = []
  readonly #taskGroup
  readonly #taskRow: MetricRow
  readonly #lag: ReplicationLag
  readonly #endRefresh: () => void
  #logs: readonly SourceLogState[] = []

  constructor(options: SourceTaskMetricsOptions) {
    const { registry, names, connector, task, formats, partitions, clock } = options
    this.#options = options
    const [legacy, plugin] = [registry.group(mirrorSourceMetrics), registry.group(mirrorSourcePluginMetrics)]
    // Both tables have the same sensors in the same order.
    this.#sensors = {
      records: legacy.sensor('records'),
      bytes: legacy.sensor('bytes'),
      age: legacy.sensor('age'),
      latency: legacy.sensor('latency')
    }
    const ofTask = { ...names, connector, task: String(task) }
    this.#rows = partitions.map(({ topic, partition }) => {
      const tags = { ...ofTask, topic, partition: String(partition) }
      const rows = formats.includes('legacy') ? [legacy.entity(tags)] : []
      return formats.includes('new') ? [...rows, plugin.entity(tags)] : rows
    })
    this.#lagGroup = registry.group(partitionLagMetrics)
    this.#lagSensors = lagSensors(this.#lagGroup.sensor.bind(this.#lagGroup))
    this.#taskGroup = registry.group(taskLagMetrics)
    this.#taskRow = this.#taskGroup.entity(ofTask)
    this.#taskRow.record(this.#taskGroup.sensor('partitions'), partitions.length)
    this.#lag = new ReplicationLag(partitions.length, clock)
    this.#endRefresh = registry.beforeScrape(() => {
      this.#recordLag()
    })
  }

  /** @param logs of the partitions, in their order; read again at each scrape */
  follow(logs: readonly SourceLogState[]): void {
    this.#logs = logs
  }

  /** @param firstOffset of the batch, at the source */
  polled(index: number, firstOffset: bigint, { recordCount, bytes, newestMs }: MeasuredBatch): void {
    this.#lag.polled(index, firstOffset, recordCount, bytes)
    if (recordCount === 0) return
    const ageMs = this.#options.clock.now() - newestMs
    for (const row of this.#rows[index] ?? []) {
      row.record(this.#sensors.bytes, bytes)
      if (newestMs >= 0) row.record(this.#sensors.age, ageMs)
    }
  }

  /**
   * In order per partition.
   * @param nextOffset source offset behind what is settled
   * @param batch what the target acknowledged of it
   */
  settled(index: number, nextOffset: bigint, { recordCount, newestMs }: Omit<MeasuredBatch, 'bytes'>): void {
    this.#lag.settled(index, nextOffset, newestMs, this.#logs[index])
    if (recordCount === 0) return
    const latencyMs = this.#options.clock.now() - newestMs
    for (const row of this.#rows[index] ?? []) {
      row.record(this.#sensors.records, recordCount)
      if (newestMs >= 0) row.record(this.#sensors.latency, latencyMs)
    }
  }

  /** The log is no longer the one that was read: its end was lost, or its topic created anew. */
  logReplaced(index: number): void {
    this.#lag.forget(index)
  }

  /** The task has ended. */
  close(): void {
    this.#endRefresh()
    for (const rows of this.#rows) for (const row of rows) row.remove()
    for (const row of this.#lagRows) row?.remove()
    this.#taskRow.remove()
  }

  #recordLag(): void {
    let [records, bytes, seconds] = [0, 0, 0]
    for (const [index, log] of this.#logs.entries()) {
      const lag = this.#lag.lagOf(index, log)
      if (lag === undefined) continue
      records += lag.records
      bytes += lag.bytes
      seconds = Math.max(seconds, lag.seconds)
      const row = (this.#lagRows[index] ??= this.#lagRow(index))
      if (row !== undefined) recordLag(row, this.#lagSensors, lag)
    }
    const sensors = lagSensors(this.#taskGroup.sensor.bind(this.#taskGroup))
    recordLag(this.#taskRow, sensors, { records, bytes, seconds })
  }

  #lagRow(index: number): MetricRow | undefined {
    const { names, partitions } = this.#options
    const place = partitions[index]
    return place && this.#lagGroup.entity({ ...names, topic: place.topic, partition: String(place.partition) })
  }
}

type LagSensors = Readonly<Record<keyof Lag, number>>

function lagSensors(sensor: (name: keyof Lag) => number): LagSensors {
  return { records: sensor('records'), bytes: sensor('bytes'), seconds: sensor('seconds') }
}

function recordLag(row: MetricRow, sensors: LagSensors, { records, bytes, seconds }: Lag): void {
  row.record(sensors.records, records)
  row.record(sensors.bytes, bytes)
  row.record(sensors.seconds, seconds)
}
