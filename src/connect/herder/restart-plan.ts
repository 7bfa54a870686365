import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type RestartRequest } from '../storage/config-store.ts'
import { type StoredStatus } from '../storage/status-store.ts'

/** What a restart request means for a connector in the state it is in (spec 6.5). */
export interface RestartPlan {
  readonly restartsConnector: boolean
  readonly tasks: readonly ConnectorTaskId[]
}

export function planRestart(
  { onlyFailed, includeTasks }: RestartRequest,
  connector: StoredStatus,
  tasks: readonly (StoredStatus & { readonly id: ConnectorTaskId })[]
): RestartPlan {
  const isAffected = ({ state }: StoredStatus): boolean => !onlyFailed || state === 'FAILED'
  return {
    restartsConnector: isAffected(connector),
    tasks: includeTasks ? tasks.filter(isAffected).map(({ id }) => id) : []
  }
}

/** Of two requests for one connector, the one that restarts more; the later one where they are alike. */
export function widerRestart(earlier: RestartRequest, later: RestartRequest): RestartRequest {
  return width(earlier) > width(later) ? earlier : later
}

function width({ onlyFailed, includeTasks }: RestartRequest): number {
  return (onlyFailed ? 0 : 2) + (includeTasks ? 1 : 0)
}
