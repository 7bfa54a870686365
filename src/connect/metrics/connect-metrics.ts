import { type Clock } from '../../base/clock.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { taskIdText, type ConnectorTaskId } from '../connector-task-id.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type RunState } from '../storage/status-store.ts'
import { type ConnectorObserver, type TaskObserver, type WorkerObserver } from '../worker/worker-observer.ts'
import { observeCoordinator, observeRebalances, type RouteLabels } from './group-metrics.ts'
import { type CoordinatorObserver, type RebalanceObserver } from './group-observers.ts'
import { TaskCounts } from './task-counts.ts'
import { TaskMetricGroups, TaskRecorder, type TaskPlugins } from './task-recorder.ts'
import { appInfoMetrics, connectorMetrics, workerMetrics } from './worker-metric-tables.ts'

export interface ConnectMetricsOptions {
  readonly registry: MetricRegistry
  /** Of every series: tells the routes of a process apart, whose connectors have the same names. */
  readonly labels: RouteLabels
  readonly workerId: string
  /** Kafka's version that the worker stands for, and this program's own. */
  readonly version: string
  readonly commit: string
  readonly clock: Clock
}

/** All metrics of one worker: hand it, or what it makes, to whoever wants an observer. */
export class ConnectMetrics implements WorkerObserver {
  readonly #options: ConnectMetricsOptions
  readonly #worker
  readonly #row
  readonly #connectors
  readonly #tasks: TaskMetricGroups
  readonly #counts: TaskCounts
  readonly #recorders = new Map<string, TaskRecorder>()
  #connectorCount = 0
  #taskCount = 0

  constructor(options: ConnectMetricsOptions) {
    const { registry, labels, workerId, version, commit, clock } = options
    this.#options = options
    this.#worker = registry.group(workerMetrics, labels)
    this.#row = this.#worker.entity({})
    this.#connectors = registry.group(connectorMetrics, labels)
    this.#tasks = new TaskMetricGroups(registry, labels, clock)
    this.#counts = new TaskCounts(registry, labels)
    const appInfo = registry.group(appInfoMetrics, labels)
    const row = appInfo.entity({ id: workerId })
    row.record(appInfo.sensor('started'), clock.now())
    row.setText(appInfo.text('version'), version)
    row.setText(appInfo.text('commit-id'), commit)
  }

  connector(name: string, plugin: SourceConnectorPlugin | undefined): ConnectorObserver {
    const group = this.#connectors
    const row = group.entity({ connector: name })
    row.setText(group.text('connector-type'), plugin?.type ?? 'unknown')
    if (plugin !== undefined) {
      row.setText(group.text('connector-class'), plugin.className)
      row.setText(group.text('connector-version'), plugin.version)
    }
    const startup = this.#startup('connectorStartup')
    this.#countConnectors(1)
    return {
      stateChanged: (state) => {
        row.setText(group.text('status'), state.toLowerCase())
        startup(state)
      },
      closed: () => {
        row.remove()
        this.#countConnectors(-1)
      }
    }
  }

  task(id: ConnectorTaskId, plugin: SourceConnectorPlugin | undefined): TaskObserver {
    const recorder = new TaskRecorder(this.#tasks, id, plugin)
    this.#recorders.set(taskIdText(id), recorder)
    const startup = this.#startup('taskStartup')
    const count = this.#counts.add(id.connector)
    this.#countTasks(1)
    return {
      stateChanged: (state) => {
        recorder.stateChanged(state)
        count.changed(state)
        startup(state)
      },
      polled: recorder.polled.bind(recorder),
      sent: recorder.sent.bind(recorder),
      written: recorder.written.bind(recorder),
      dropped: recorder.dropped.bind(recorder),
      offsetCommit: recorder.offsetCommit.bind(recorder),
      errors: recorder.errors,
      closed: () => {
        recorder.closed()
        // by then a new run of the task may have its own
        if (this.#recorders.get(taskIdText(id)) === recorder) this.#recorders.delete(taskIdText(id))
        count.removed()
        this.#countTasks(-1)
      }
    }
  }

  /** For a task that runs here; of another nothing is kept. */
  describeTaskPlugins(id: ConnectorTaskId, plugins: TaskPlugins): void {
    this.#recorders.get(taskIdText(id))?.describePlugins(plugins)
  }

  rebalances(): RebalanceObserver {
    return observeRebalances(this.#options.registry, this.#options.labels, this.#options.clock)
  }

  coordinator(clientId: string): CoordinatorObserver {
    return observeCoordinator(this.#options.registry, this.#options.labels, clientId)
  }

  /** Counts the first state that tells how a start went. */
  #startup(kind: 'connectorStartup' | 'taskStartup'): (state: RunState) => void {
    const sensor = this.#worker.sensor(kind)
    let isOver = false
    return (state) => {
      if (isOver || state === 'UNASSIGNED' || state === 'RESTARTING') return
      isOver = true
      this.#row.record(sensor, state === 'FAILED' ? 0 : 1)
    }
  }

  #countConnectors(change: number): void {
    this.#connectorCount += change
    this.#row.record(this.#worker.sensor('connectors'), this.#connectorCount)
  }

  #countTasks(change: number): void {
    this.#taskCount += change
    this.#row.record(this.#worker.sensor('tasks'), this.#taskCount)
  }
}
