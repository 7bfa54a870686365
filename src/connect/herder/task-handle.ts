import { type TaskConfig } from '../source-connector.ts'

/** A task that the worker runs. */
export interface TaskHandle {
  /** Settles once the task has ended: undefined after a clean end, the error when it failed. Never rejects. */
  readonly done: Promise<Error | undefined>
  /**
   * Drains, flushes and ends the task. Resolves when it has ended, also when it had failed; never rejects.
   * `drainTimeoutMs`: how long to wait for what is under way; default `task.shutdown.graceful.timeout.ms`.
   */
  stop(drainTimeoutMs?: number): Promise<void>
}

/** Starts a task; what goes wrong, at start too, comes out of `done`. */
export type StartTask = (config: TaskConfig, index: number) => TaskHandle

export type RunState = 'UNASSIGNED' | 'RUNNING' | 'FAILED'

export interface RunStatus {
  readonly state: RunState
  /** Why it failed; only with FAILED. */
  readonly error?: Error
}

export interface HerderStatus {
  readonly connector: RunStatus
  /** By task index. */
  readonly tasks: readonly RunStatus[]
}
