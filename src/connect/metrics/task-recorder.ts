import { type Clock } from '../../base/clock.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ErrorObserver } from '../pipeline/error-observer.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type RunState } from '../storage/status-store.ts'
import { type TaskObserver } from '../worker/worker-observer.ts'
import { type RouteLabels } from './group-metrics.ts'
import {
  predicateMetrics,
  sourceTaskMetrics,
  taskErrorMetrics,
  taskMetrics,
  transformMetrics
} from './task-metric-tables.ts'

export interface PluginUse {
  readonly className: string
  readonly version: string
}

/** What a task converts and transforms with; transforms and predicates by alias. */
export interface TaskPlugins {
  readonly keyConverter: PluginUse
  readonly valueConverter: PluginUse
  readonly headerConverter: PluginUse
  readonly transforms: ReadonlyMap<string, PluginUse>
  readonly predicates: ReadonlyMap<string, PluginUse>
}

/** The groups that tasks record into, with their sensors looked up. One for all tasks of a route. */
export class TaskMetricGroups {
  readonly task
  readonly source
  readonly errors
  readonly transforms
  readonly predicates
  readonly sensors
  readonly clock: Clock

  constructor(registry: MetricRegistry, labels: RouteLabels, clock: Clock) {
    this.clock = clock
    this.task = registry.group(taskMetrics, labels)
    this.source = registry.group(sourceTaskMetrics, labels)
    this.errors = registry.group(taskErrorMetrics, labels)
    this.transforms = registry.group(transformMetrics, labels)
    this.predicates = registry.group(predicateMetrics, labels)
    this.sensors = {
      running: this.task.sensor('running'),
      paused: this.task.sensor('paused'),
      commitTime: this.task.sensor('commitTime'),
      commit: this.task.sensor('commit'),
      batchSize: this.task.sensor('batchSize'),
      polled: this.source.sensor('polled'),
      written: this.source.sensor('written'),
      pollTime: this.source.sensor('pollTime'),
      active: this.source.sensor('active'),
      failures: this.errors.sensor('failures'),
      errors: this.errors.sensor('errors'),
      skipped: this.errors.sensor('skipped'),
      retries: this.errors.sensor('retries'),
      logged: this.errors.sensor('logged'),
      lastError: this.errors.sensor('lastError')
    }
  }
}

/** Records what is heard of one task. */
export class TaskRecorder implements TaskObserver {
  readonly errors: ErrorObserver
  readonly #groups: TaskMetricGroups
  readonly #tags: { readonly connector: string; readonly task: string }
  readonly #task: MetricRow
  readonly #source: MetricRow
  readonly #errorRow: MetricRow
  readonly #plugins: MetricRow[] = []
  #active = 0

  constructor(groups: TaskMetricGroups, id: ConnectorTaskId, plugin: SourceConnectorPlugin | undefined) {
    this.#groups = groups
    this.#tags = { connector: id.connector, task: String(id.task) }
    this.#task = groups.task.entity(this.#tags)
    this.#source = groups.source.entity(this.#tags)
    this.#errorRow = groups.errors.entity(this.#tags)
    this.errors = errorRecorder(groups, this.#errorRow)
    if (plugin === undefined) return
    const { task } = groups
    this.#task.setText(task.text('connector-class'), plugin.className)
    this.#task.setText(task.text('connector-version'), plugin.version)
    this.#task.setText(task.text('connector-type'), plugin.type)
    this.#task.setText(task.text('task-class'), plugin.taskClassName)
    this.#task.setText(task.text('task-version'), plugin.version)
  }

  stateChanged(state: RunState): void {
    const { task, sensors } = this.#groups
    this.#task.setText(task.text('status'), state.toLowerCase())
    this.#task.record(sensors.running, state === 'RUNNING' ? 1 : 0)
    this.#task.record(sensors.paused, state === 'PAUSED' ? 1 : 0)
  }

  polled(records: number, durationMs: number): void {
    const { sensors } = this.#groups
    this.#source.record(sensors.polled, records)
    this.#source.record(sensors.pollTime, durationMs)
    this.#setActive(this.#active + records)
  }

  sent(records: number): void {
    this.#task.record(this.#groups.sensors.batchSize, records)
  }

  written(records: number): void {
    this.#source.record(this.#groups.sensors.written, records)
    this.#setActive(this.#active - records)
  }

  dropped(records: number): void {
    this.#setActive(this.#active - records)
  }

  offsetCommit(durationMs: number, isSuccess: boolean): void {
    const { sensors } = this.#groups
    this.#task.record(sensors.commit, isSuccess ? 1 : 0)
    if (isSuccess) this.#task.record(sensors.commitTime, durationMs)
  }

  describePlugins(plugins: TaskPlugins): void {
    const { task, transforms, predicates } = this.#groups
    for (const kind of ['key', 'value', 'header'] as const) {
      const { className, version } = plugins[`${kind}Converter`]
      this.#task.setText(task.text(`${kind}-converter-class`), className)
      this.#task.setText(task.text(`${kind}-converter-version`), version)
    }
    for (const [transform, { className, version }] of plugins.transforms) {
      const row = transforms.entity({ ...this.#tags, transform })
      row.setText(transforms.text('transform-class'), className)
      row.setText(transforms.text('transform-version'), version)
      this.#plugins.push(row)
    }
    for (const [predicate, { className, version }] of plugins.predicates) {
      const row = predicates.entity({ ...this.#tags, predicate })
      row.setText(predicates.text('predicate-class'), className)
      row.setText(predicates.text('predicate-version'), version)
      this.#plugins.push(row)
    }
  }

  closed(): void {
    for (const row of [this.#task, this.#source, this.#errorRow, ...this.#plugins]) row.remove()
  }

  /** Never below 0: what is settled after a restart of the count was polled before it. */
  #setActive(records: number): void {
    this.#active = Math.max(records, 0)
    this.#source.record(this.#groups.sensors.active, this.#active)
  }
}

function errorRecorder({ sensors, clock }: TaskMetricGroups, row: MetricRow): ErrorObserver {
  const counter = (sensor: number) => () => {
    row.record(sensor, 1)
  }
  return {
    recordFailure() {
      row.record(sensors.failures, 1)
      row.record(sensors.lastError, clock.now())
    },
    recordError: counter(sensors.errors),
    skipped: counter(sensors.skipped),
    retry: counter(sensors.retries),
    logged: counter(sensors.logged)
  }
}
