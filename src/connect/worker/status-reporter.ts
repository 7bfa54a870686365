import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type RunState, type StatusStore, type StatusWriteMode, type StoredStatus } from '../storage/status-store.ts'
import { errorTrace } from './error-trace.ts'

/** What a connector or task says of itself; `error` comes with FAILED. */
export type ReportState = (state: RunState, error?: Error) => void

/** These may come late, from a worker that is not the owner any more: they must not cover what the new owner wrote (spec 2.4.3). */
const safeStates: readonly RunState[] = ['FAILED', 'UNASSIGNED']

/** Writes statuses in the name of this worker, with the generation that it is in at the time. */
export class StatusReporter {
  generation = -1
  readonly #workerId: string
  readonly #store: Pick<StatusStore, 'putConnector' | 'putTask'>

  constructor(workerId: string, store: Pick<StatusStore, 'putConnector' | 'putTask'>) {
    this.#workerId = workerId
    this.#store = store
  }

  connector(name: string, version: string | null): ReportState {
    return this.#reporter(version, (status, mode) => {
      this.#store.putConnector(name, status, mode)
    })
  }

  task(id: ConnectorTaskId, version: string | null): ReportState {
    return this.#reporter(version, (status, mode) => {
      this.#store.putTask(id, status, mode)
    })
  }

  #reporter(version: string | null, put: (status: StoredStatus, mode: StatusWriteMode) => void): ReportState {
    // What fails at its start is its owner's to tell: where a group that was forgotten counts its generations from 1 again, a
    // safe write would give way to a former worker's status, and nobody would ever see, or mend, the failure.
    let isFirst = true
    return (state, error) => {
      put(this.#status(state, version, error), isFirst && state === 'FAILED' ? 'plain' : writeMode(state))
      isFirst = false
    }
  }

  #status(state: RunState, version: string | null, error: Error | undefined): StoredStatus {
    const trace = error === undefined ? null : errorTrace(error)
    return { state, trace, workerId: this.#workerId, generation: this.generation, version }
  }
}

function writeMode(state: RunState): StatusWriteMode {
  return safeStates.includes(state) ? 'safe' : 'plain'
}
