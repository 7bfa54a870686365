import { type Clock } from '../../base/clock.ts'
import { type MetricRegistry } from '../../metrics/metric-registry.ts'
import { type CoordinatorObserver, type RebalanceObserver } from './group-observers.ts'
import { coordinatorMetrics, rebalanceMetrics } from './worker-metric-tables.ts'

/** Labels of every series of a route. */
export type RouteLabels = Readonly<Record<string, string>>

/** The rebalance metrics of a worker. */
export function observeRebalances(registry: MetricRegistry, labels: RouteLabels, clock: Clock): RebalanceObserver {
  const group = registry.group(rebalanceMetrics, labels)
  const row = group.entity({})
  const [epoch, rebalancing, completed] = [
    group.sensor('epoch'),
    group.sensor('rebalancing'),
    group.sensor('completed')
  ]
  const [protocolText, leaderText] = [group.text('connect-protocol'), group.text('leader-name')]
  let assignedAtMs: number | undefined
  return {
    assigned({ protocol, leaderUrl, generation }) {
      row.setText(protocolText, protocol.toUpperCase())
      row.setText(leaderText, leaderUrl)
      row.record(epoch, generation)
      row.record(rebalancing, 1)
      // an assignment that comes while the work of the one before starts is the same rebalance for whoever waits
      assignedAtMs ??= clock.monotonic()
    },
    workStarted() {
      if (assignedAtMs === undefined) return
      row.record(completed, clock.monotonic() - assignedAtMs)
      row.record(rebalancing, 0)
      assignedAtMs = undefined
    }
  }
}

/** The coordinator metrics of a worker, by the client id of its group connection. */
export function observeCoordinator(
  registry: MetricRegistry,
  labels: RouteLabels,
  clientId: string
): CoordinatorObserver {
  const group = registry.group(coordinatorMetrics, labels)
  const row = group.entity({ 'client-id': clientId })
  const [connectors, tasks] = [group.sensor('connectors'), group.sensor('tasks')]
  const [heartbeat, join, sync] = [group.sensor('heartbeat'), group.sensor('join'), group.sensor('sync')]
  const [rebalance, failedRebalance] = [group.sensor('rebalance'), group.sensor('failedRebalance')]
  const recorder = (sensor: number) => (durationMs: number) => {
    row.record(sensor, durationMs)
  }
  return {
    heartbeat: recorder(heartbeat),
    joined: recorder(join),
    synced: recorder(sync),
    rebalanced: recorder(rebalance),
    rebalanceFailed() {
      row.record(failedRebalance, 1)
    },
    owns(ownedConnectors, ownedTasks) {
      row.record(connectors, ownedConnectors)
      row.record(tasks, ownedTasks)
    },
    closed() {
      row.remove()
    }
  }
}
