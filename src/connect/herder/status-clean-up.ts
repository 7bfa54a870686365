import { type ConfigSnapshot } from '../storage/config-store.ts'
import { type StatusStore } from '../storage/status-store.ts'

/** The leader's part after a rebalance: statuses of what is no longer configured are deleted (spec 2.4.4). */
export function deleteStaleStatuses(status: StatusStore, snapshot: ConfigSnapshot): void {
  for (const connector of new Set([...status.connectors(), ...snapshot.connectors])) {
    const isConfigured = snapshot.connectorConfig(connector) !== undefined
    const tasks = new Set(isConfigured ? snapshot.tasks(connector).map(({ task }) => task) : [])
    for (const { id } of status.tasks(connector)) if (!tasks.has(id.task)) status.deleteTask(id)
    if (!isConfigured) status.deleteConnector(connector)
  }
}
