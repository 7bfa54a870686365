import { Backoff, type BackoffOptions } from '../../base/backoff.ts'
import { type Clock } from '../../base/clock.ts'
import { type Random } from '../../base/random.ts'
import { taskIdText } from '../connector-task-id.ts'
import { type WorkItems } from '../group/worker-group.ts'
import { type StatusStore, type StoredStatus } from '../storage/status-store.ts'

export interface FailureRestartsOptions {
  readonly status: Pick<StatusStore, 'connector' | 'task'>
  readonly workerId: string
  /** Null: what failed stays FAILED until somebody restarts it, as in the reference. */
  readonly pauses: BackoffOptions | null
  readonly clock: Clock
  readonly random: Random
}

/** How often one thing has failed, and when it is started again. */
interface Failure {
  readonly backoff: Backoff
  /** Undefined while it is not known to be FAILED. */
  dueAtMs: number | undefined
  restartedAtMs: number
}

/**
 * Finds what failed here and is to be started again by itself, after pauses that grow: nobody may be there to do it. What
 * ran longer than the longest pause begins with the shortest again. Looks at the statuses, which tell of each failure
 * wherever it happened.
 */
export class FailureRestarts {
  readonly #options: FailureRestartsOptions
  readonly #failures = new Map<string, Failure>()

  constructor(options: FailureRestartsOptions) {
    this.#options = options
  }

  /** Of what this worker owns, all whose pause is over now. To be called in each turn of the loop. */
  takeDue(owned: WorkItems): WorkItems {
    const { status, pauses } = this.#options
    if (pauses === null) return { connectors: [], tasks: [] }
    this.#forgetAllBut(new Set([...owned.connectors.map(connectorKey), ...owned.tasks.map(taskIdText)]))
    return {
      connectors: owned.connectors.filter((name) => this.#isDue(connectorKey(name), status.connector(name), pauses)),
      tasks: owned.tasks.filter((id) => this.#isDue(taskIdText(id), status.task(id), pauses))
    }
  }

  #isDue(item: string, status: StoredStatus | undefined, pauses: BackoffOptions): boolean {
    const nowMs = this.#options.clock.monotonic()
    const isFailed = status?.state === 'FAILED' && status.workerId === this.#options.workerId
    const failure = this.#failures.get(item)
    if (!isFailed) {
      // The status that followed the restart, or somebody else's restart.
      if (failure !== undefined) failure.dueAtMs = undefined
      return false
    }
    if (failure === undefined) {
      const backoff = new Backoff(pauses, this.#options.random)
      this.#failures.set(item, { backoff, dueAtMs: nowMs + backoff.nextMs(), restartedAtMs: nowMs })
      return false
    }
    if (failure.dueAtMs === undefined) {
      if (nowMs - failure.restartedAtMs > pauses.maxMs) failure.backoff.reset()
      failure.dueAtMs = nowMs + failure.backoff.nextMs()
    }
    if (nowMs < failure.dueAtMs) return false
    failure.dueAtMs = undefined
    failure.restartedAtMs = nowMs
    return true
  }

  #forgetAllBut(owned: ReadonlySet<string>): void {
    for (const item of this.#failures.keys()) if (!owned.has(item)) this.#failures.delete(item)
  }
}

/** Never that of a task, which a connector may be called like. */
function connectorKey(name: string): string {
  return `connector ${name}`
}
