import { Backoff, type BackoffOptions } from '../../base/backoff.ts'
import { type CancelTimer, type Clock } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type TaskConfig } from '../source-connector.ts'
import { type RunStatus, type TaskHandle } from './task-handle.ts'

export interface SupervisedTaskOptions {
  /** For log lines: `<connector>-<task number>`. */
  readonly id: string
  readonly config: TaskConfig
  readonly start: () => TaskHandle
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly restartBackoff: BackoffOptions
}

/** A task that is started again, after pauses that grow, each time it fails. */
export class SupervisedTask {
  readonly config: TaskConfig
  readonly #options: SupervisedTaskOptions
  readonly #backoff: Backoff
  #status: RunStatus = { state: 'UNASSIGNED' }
  #handle: TaskHandle | undefined
  #cancelRestart: CancelTimer | undefined
  #stopped: Promise<void> | undefined

  constructor(options: SupervisedTaskOptions) {
    this.config = options.config
    this.#options = options
    this.#backoff = new Backoff(options.restartBackoff, options.random)
  }

  get status(): RunStatus {
    return this.#status
  }

  /** Starts the task; false, and nothing happens, when it was started or stopped before. */
  start(): boolean {
    if (this.#status.state !== 'UNASSIGNED' || this.#stopped !== undefined) return false
    this.#run()
    return true
  }

  /** Resolves when the task has ended, however long that takes. Never rejects. For the time see TaskHandle. */
  stop(drainTimeoutMs?: number): Promise<void> {
    this.#stopped ??= this.#stop(drainTimeoutMs)
    return this.#stopped
  }

  async #stop(drainTimeoutMs?: number): Promise<void> {
    this.#cancelRestart?.()
    await this.#handle?.stop(drainTimeoutMs)
    this.#status = { state: 'UNASSIGNED' }
  }

  #run(): void {
    const { start, clock } = this.#options
    const startedAt = clock.monotonic()
    this.#status = { state: 'RUNNING' }
    try {
      const handle = start()
      this.#handle = handle
      void handle.done.then((error) => {
        if (error !== undefined) void this.#failed(error, clock.monotonic() - startedAt)
      })
    } catch (thrown) {
      void this.#failed(asError(thrown), 0)
    }
  }

  async #failed(error: Error, ranForMs: number): Promise<void> {
    if (this.#stopped !== undefined) return
    this.#status = { state: 'FAILED', error }
    const { id, clock, logger, restartBackoff } = this.#options
    if (ranForMs > restartBackoff.maxMs) this.#backoff.reset()
    const delayMs = this.#backoff.nextMs()
    logger.error({ task: id, err: error, delayMs }, 'A task failed; what it mirrors waits until it is started again')
    // What the failed task still holds (sockets, batches in flight) must be gone before its successor writes.
    await this.#handle?.stop()
    this.#handle = undefined
    if (this.#isStopping()) return
    this.#cancelRestart = clock.schedule(delayMs, () => {
      this.#run()
    })
  }

  #isStopping(): boolean {
    return this.#stopped !== undefined
  }
}
