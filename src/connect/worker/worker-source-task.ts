import { type Clock } from '../../base/clock.ts'
import { deferred, type Deferred } from '../../base/deferred.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type RawProducer } from '../../client/raw-producer.ts'
import { type BatchPipeline } from '../pipeline/batch-pipeline.ts'
import { type SourceBatch } from '../source-batch.ts'
import { type SourceTask, type SourceTaskContext } from '../source-task.ts'
import { BatchDelivery, type BatchDeliveryOptions } from './batch-delivery.ts'
import { OffsetCommitter, type SourceOffsetStore } from './offset-committer.ts'
import { RetriableTrouble } from './retriable-trouble.ts'
import { type ReportState } from './status-reporter.ts'
import { silentTaskObserver, type TaskObserver } from './worker-observer.ts'

export interface WorkerSourceTaskOptions extends Pick<BatchDeliveryOptions, 'prepareTopic' | 'noteTopic'> {
  /** For log lines: `<connector>-<task number>`. */
  readonly id: string
  readonly task: SourceTask
  readonly producer: RawProducer
  readonly offsetStore: SourceOffsetStore
  /** `offset.flush.interval.ms` */
  readonly offsetFlushIntervalMs: number
  /** `offset.flush.timeout.ms`. Default 5000. */
  readonly offsetFlushTimeoutMs?: number
  /** Default time for what was fetched to be acknowledged at a stop. */
  readonly gracefulStopTimeoutMs: number
  /** Whether it begins PAUSED: then the task is started when it is resumed. Default false. */
  readonly isPaused?: boolean
  /** Told of each change of state, never after `cancel`. */
  readonly report?: ReportState
  /**
   * Whether this worker is surely a member of its group. While it is not, nothing is handed to the producer and no position
   * is stored; what the kernel has in its socket buffers by then still goes out.
   */
  readonly isLeaseHeld?: () => boolean
  /** Default: none. Its failure is the task's. */
  readonly createPipeline?: (stopping: AbortSignal) => Promise<BatchPipeline | null> | null
  readonly observer?: TaskObserver
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Runs one source task: hands the batches it polls to the producer, and stores the source positions of what was
 * acknowledged, at intervals and at the end. The producer never blocks and never gives up; what bounds memory is the task,
 * which stops fetching while too much of it is outstanding.
 *
 *   (start) -> RUNNING <-> PAUSED      poll or not; acknowledged positions are stored in both
 *   an error -> FAILED                 drained, stored, closed; stays so until somebody starts a new one
 *   stop     -> UNASSIGNED             drained, stored, closed
 *   cancel                             closed at once; no status, no position, nothing sent any more
 */
export class WorkerSourceTask {
  /** The error when it failed, undefined after a clean end. Never rejects. */
  readonly done: Promise<Error | undefined>
  readonly #options: WorkerSourceTaskOptions
  readonly #observer: TaskObserver
  readonly #delivery: BatchDelivery
  readonly #committer: OffsetCommitter
  readonly #stopping = new AbortController()
  readonly #whenStopping = deferred<undefined>()
  readonly #pollTrouble: RetriableTrouble
  /** While PAUSED is wanted: resolved by `resume`. */
  #resumed: Deferred<undefined> | undefined
  #pipeline: BatchPipeline | null = null
  #isCancelled = false
  #drainTimeoutMs: number
  #taskStopped: Promise<void> | undefined
  #taskClosed: Promise<void> | undefined

  /** Starts the task at once, unless it is to be paused. */
  constructor(options: WorkerSourceTaskOptions) {
    const { observer = silentTaskObserver, isLeaseHeld = () => true, isPaused = false } = options
    this.#options = options
    this.#observer = observer
    this.#drainTimeoutMs = options.gracefulStopTimeoutMs
    const { offsetFlushIntervalMs: intervalMs, offsetFlushTimeoutMs: timeoutMs = 5000 } = options
    this.#committer = new OffsetCommitter({ ...options, intervalMs, timeoutMs, isLeaseHeld, observer })
    const stopping = this.#stopping.signal
    const { submitted } = this.#committer
    this.#delivery = new BatchDelivery({ ...options, submitted, isLeaseHeld, observer, stopping })
    this.#pollTrouble = new RetriableTrouble(options, stopping)
    if (isPaused) this.pause()
    this.done = this.#main()
  }

  /** Stops polling, and keeps what the task holds. */
  pause(): void {
    this.#resumed ??= deferred()
  }

  resume(): void {
    this.#resumed?.resolve(undefined)
    this.#resumed = undefined
  }

  /** Stops polling, waits for what was fetched to be acknowledged, stores the last positions, stops the task. */
  async stop(drainTimeoutMs = this.#drainTimeoutMs): Promise<void> {
    this.#drainTimeoutMs = drainTimeoutMs
    await this.#stopTask()
    await this.done
  }

  /** Ends it at once, for one that does not stop in time: `done` may never settle. What comes late is dropped. */
  cancel(): void {
    this.#isCancelled = true
    this.#committer.cancel()
    this.#delivery.cancel()
    void this.#stopTask()
    void this.#closeTask()
  }

  /** Never rejects. */
  async #main(): Promise<Error | undefined> {
    let failure: Error | undefined
    let committing: Promise<void> | undefined
    try {
      await this.#start()
      if (!this.#isStopping()) committing = this.#committer.run()
      await this.#pollUntilStopping()
    } catch (thrown) {
      // What a task complains about while it is being stopped is no failure.
      if (!this.#isStopping()) failure = asError(thrown)
    }
    await this.#stopTask()
    await this.#delivery.drain(this.#drainTimeoutMs)
    // One that never started has nothing to store, and no commit hook to call.
    if (committing !== undefined) await this.#committer.end()
    await committing
    await this.#closeTask()
    await this.#delivery.close()
    this.#pipeline?.close()
    this.#report(failure === undefined ? 'UNASSIGNED' : 'FAILED', failure)
    return failure
  }

  async #start(): Promise<void> {
    const { task, offsetStore, createPipeline, isLeaseHeld = () => true } = this.#options
    this.#pipeline = (await createPipeline?.(this.#stopping.signal)) ?? null
    if (this.#isPaused()) await this.#waitWhilePaused()
    if (this.#isStopping()) return
    // A start that waits for a store which cannot be reached must not keep the task from being stopped.
    const storedOffsets: SourceTaskContext['storedOffsets'] = (partitions) => offsetStore.get(partitions)
    // A cancelled task writes nothing more, whoever holds the lease.
    const starting = task.start({
      storedOffsets,
      isLeaseHeld: () => !this.#isCancelled && isLeaseHeld(),
      acceptsRuns: this.#pipeline === null
    })
    await Promise.race([starting, this.#whenStopping.promise])
    if (!this.#isStopping()) this.#report('RUNNING')
  }

  async #pollUntilStopping(): Promise<void> {
    while (!this.#isStopping()) {
      if (!this.#isPaused()) {
        await this.#delivery.deliver(await this.#poll())
        continue
      }
      await this.#waitWhilePaused()
      if (!this.#isStopping()) this.#report('RUNNING')
    }
  }

  async #waitWhilePaused(): Promise<void> {
    this.#report('PAUSED')
    while (this.#resumed !== undefined && !this.#isStopping()) {
      await Promise.race([this.#resumed.promise, this.#whenStopping.promise])
    }
  }

  /** What is ready for the producer. An error that a later poll may not have counts as nothing. */
  async #poll(): Promise<readonly SourceBatch[]> {
    const { task, clock } = this.#options
    const startedAt = clock.monotonic()
    let batches: readonly SourceBatch[]
    try {
      batches = await task.poll()
      this.#pollTrouble.over()
    } catch (thrown) {
      await this.#pollTrouble.pauseOrThrow(asError(thrown), 'The task could not poll')
      return []
    }
    const polled = recordsOf(batches)
    if (batches.length > 0) this.#observer.polled(polled, clock.monotonic() - startedAt)
    // Also with nothing: an error may wait there for what came before it to be delivered.
    const kept = this.#pipeline === null ? batches : await this.#pipeline.apply(batches)
    const sent = kept === batches ? polled : recordsOf(kept)
    if (kept.length > 0) this.#observer.sent(sent)
    if (sent < polled) this.#observer.dropped(polled - sent)
    return kept
  }

  #stopTask(): Promise<void> {
    this.#stopping.abort()
    this.#whenStopping.resolve(undefined)
    this.#taskStopped ??= this.#tryToEnd((task) => task.stop())
    return this.#taskStopped
  }

  #closeTask(): Promise<void> {
    this.#taskClosed ??= this.#tryToEnd((task) => task.close?.())
    return this.#taskClosed
  }

  async #tryToEnd(end: (task: SourceTask) => Promise<void> | undefined): Promise<void> {
    try {
      await end(this.#options.task)
    } catch (thrown) {
      this.#options.logger.warn({ task: this.#options.id, err: asError(thrown) }, 'The task did not stop cleanly')
    }
  }

  #isPaused(): boolean {
    return this.#resumed !== undefined
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  #report(state: Parameters<ReportState>[0], error?: Error): void {
    if (this.#isCancelled) return
    this.#observer.stateChanged(state)
    this.#options.report?.(state, error)
  }
}

function recordsOf(batches: readonly SourceBatch[]): number {
  let records = 0
  for (const { recordCount } of batches) records += recordCount
  return records
}
