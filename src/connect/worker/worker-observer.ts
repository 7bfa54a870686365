import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ErrorObserver } from '../pipeline/error-observer.ts'
import { type SourceConnectorPlugin } from '../source-connector-plugin.ts'
import { type RunState } from '../storage/status-store.ts'

/** What metrics want to hear of a task. Called on the hot path: must not throw, should not allocate. */
export interface TaskObserver {
  /** Also the first state, before anything else: RUNNING or PAUSED as the task is to be. */
  stateChanged(state: RunState): void
  /** A poll returned: records in its batches, before any transformation. */
  polled(records: number, durationMs: number): void
  /** Records handed to the producer in one go. */
  sent(records: number): void
  /** Records of a batch that the target acknowledged, without those it refused. */
  written(records: number): void
  /** Records that were left out: refused by the target, or dropped between poll and producer. */
  dropped(records: number): void
  /** An attempt to store positions is over; one that finds nothing to store is a success. */
  offsetCommit(durationMs: number, isSuccess: boolean): void
  /** Counts what fails in transforms and converters. */
  readonly errors: ErrorObserver
  /** The task is gone from this worker. */
  closed(): void
}

/** What metrics want to hear of a connector. */
export interface ConnectorObserver {
  stateChanged(state: RunState): void
  closed(): void
}

/** Makes the observers of what a worker runs. Startup counts follow from the first state that is RUNNING, PAUSED or FAILED. */
export interface WorkerObserver {
  /** `plugin` is undefined where the class of the connector is not to be had. */
  connector(name: string, plugin: SourceConnectorPlugin | undefined): ConnectorObserver
  task(id: ConnectorTaskId, plugin: SourceConnectorPlugin | undefined): TaskObserver
}

const ignore = (): void => undefined

export const silentTaskObserver: TaskObserver = {
  stateChanged: ignore,
  polled: ignore,
  sent: ignore,
  written: ignore,
  dropped: ignore,
  offsetCommit: ignore,
  errors: { recordFailure: ignore, recordError: ignore, skipped: ignore, retry: ignore, logged: ignore },
  closed: ignore
}

export const silentWorkerObserver: WorkerObserver = {
  connector: () => ({ stateChanged: ignore, closed: ignore }),
  task: () => silentTaskObserver
}
