import { type MetricRegistry, type MetricRows } from '../../metrics/metric-registry.ts'
import { type MetricRow } from '../../metrics/metric-row.ts'
import { type RunState } from '../storage/status-store.ts'
import { type RouteLabels } from './group-metrics.ts'
import { connectorTaskCountMetrics } from './worker-metric-tables.ts'

type CountedState = Exclude<RunState, 'STOPPED'>

/** How a task is counted. */
export interface TaskCount {
  changed(state: RunState): void
  removed(): void
}

/** Tasks of each connector here by state. A connector's row is there while it has tasks. */
export class TaskCounts {
  readonly #group: MetricRows<'total' | 'DESTROYED' | CountedState, 'connector', never>
  readonly #connectors = new Map<string, { readonly row: MetricRow; readonly states: Set<{ state?: RunState }> }>()

  constructor(registry: MetricRegistry, labels: RouteLabels) {
    this.#group = registry.group(connectorTaskCountMetrics, labels)
  }

  add(connector: string): TaskCount {
    const known = this.#connectors.get(connector)
    const counted = known ?? { row: this.#group.entity({ connector }), states: new Set() }
    if (known === undefined) this.#connectors.set(connector, counted)
    const task: { state?: RunState } = {}
    counted.states.add(task)
    this.#record(connector)
    return {
      changed: (state) => {
        task.state = state
        this.#record(connector)
      },
      removed: () => {
        counted.states.delete(task)
        this.#record(connector)
      }
    }
  }

  #record(connector: string): void {
    const counted = this.#connectors.get(connector)
    if (counted === undefined) return
    const { row, states } = counted
    if (states.size === 0) {
      row.remove()
      this.#connectors.delete(connector)
      return
    }
    row.record(this.#group.sensor('total'), states.size)
    for (const counting of ['RUNNING', 'PAUSED', 'FAILED', 'UNASSIGNED', 'RESTARTING'] as const) {
      const number = [...states].filter(({ state }) => state === counting).length
      row.record(this.#group.sensor(counting), number)
    }
  }
}
