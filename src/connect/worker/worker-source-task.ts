import { type Clock, sleep } from '../../base/clock.ts'
import { deferred, type Deferred } from '../../base/deferred.ts'
import { asError, failureKind, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type AckedRun, type OutgoingBatch, type RawProducer, type RefusedRecords } from '../../client/raw-producer.ts'
import { type BatchPipeline } from '../pipeline/batch-pipeline.ts'
import { type SourceBatch } from '../source-batch.ts'
import { type SourceTask } from '../source-task.ts'
import { OffsetCommitter, type SourceOffsetStore } from './offset-committer.ts'
import { type ReportState } from './status-writer.ts'
import { type SubmittedBatch } from './submitted-batches.ts'
import { silentTaskObserver, type TaskObserver } from './worker-observer.ts'

export interface WorkerSourceTaskOptions {
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
  /** Makes a target topic before its first batch (spec 4.7). Null: topics are there. */
  readonly prepareTopic?: ((topic: string) => Promise<void>) | null
  /** Told of the target topic of every batch that is acknowledged. */
  readonly noteTopic?: ((topic: string) => void) | null
  readonly observer?: TaskObserver
  readonly clock: Clock
  readonly logger: Logger
}

/** How often the lease is looked at while it is not held. */
const leasePauseMs = 100
/** After a failed poll that may succeed later, and before a topic is tried again. */
const retryPauseMs = 1000

/** Links a batch at the producer with its place in the order of its source partition. */
class Submission implements SubmittedBatch, OutgoingBatch {
  isSettled = false
  readonly lastOffset: bigint
  readonly recordCount: number
  readonly records: Buffer
  readonly #batch: SourceBatch
  readonly #task: WorkerSourceTask

  constructor(batch: SourceBatch, task: WorkerSourceTask) {
    this.lastOffset = batch.lastOffset
    this.recordCount = batch.recordCount
    this.records = batch.records
    this.#batch = batch
    this.#task = task
  }

  settled(runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void {
    this.#task.settled(this, this.#batch, runs, refused)
  }
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
  readonly #isLeaseHeld: () => boolean
  readonly #committer: OffsetCommitter
  readonly #stopping = new AbortController()
  readonly #whenStopping = deferred<undefined>()
  readonly #preparedTopics = new Set<string>()
  /** While PAUSED is wanted: resolved by `resume`. */
  #resumed: Deferred<undefined> | undefined
  #pipeline: BatchPipeline | null = null
  /** What was last complained about and is tried again. */
  #trouble: string | undefined
  #isCancelled = false
  #drainTimeoutMs: number
  #taskStopped: Promise<void> | undefined

  /** Starts the task at once, unless it is to be paused. */
  constructor(options: WorkerSourceTaskOptions) {
    const { observer = silentTaskObserver, isLeaseHeld = () => true, isPaused = false } = options
    this.#options = options
    this.#observer = observer
    this.#isLeaseHeld = isLeaseHeld
    this.#drainTimeoutMs = options.gracefulStopTimeoutMs
    const { offsetFlushIntervalMs: intervalMs, offsetFlushTimeoutMs: timeoutMs = 5000 } = options
    this.#committer = new OffsetCommitter({ ...options, intervalMs, timeoutMs, isLeaseHeld, observer })
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
    void this.#stopTask()
    void this.#closeProducer()
  }

  /** @internal Called by submissions, in order per source partition. */
  settled(
    submission: Submission,
    batch: SourceBatch,
    runs: readonly AckedRun[],
    refused: readonly RefusedRecords[]
  ): void {
    if (this.#isCancelled) return
    this.#options.task.batchSettled(batch, runs, refused)
    this.#committer.submitted.settle(batch.sourcePartition, submission)
    // The reference fails the task for a record that is too large unless errors.tolerance is `all`; here it is left out and
    // reported in either case (design: what the target refuses for good must not stop the others).
    let left = 0
    for (const { count } of refused) left += count
    if (left > 0) this.#observer.dropped(left)
    this.#observer.written(batch.recordCount - left)
    if (runs.length > 0) this.#options.noteTopic?.(batch.targetTopic)
    batch.release()
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
    await this.#drain()
    // One that never started has nothing to store, and no commit hook to call.
    if (committing !== undefined) await this.#committer.end()
    await committing
    await this.#closeProducer()
    this.#pipeline?.close()
    this.#report(failure === undefined ? 'UNASSIGNED' : 'FAILED', failure)
    return failure
  }

  async #start(): Promise<void> {
    const { task, offsetStore, createPipeline } = this.#options
    this.#pipeline = (await createPipeline?.(this.#stopping.signal)) ?? null
    if (this.#isPaused()) await this.#waitWhilePaused()
    if (this.#isStopping()) return
    // A start that waits for a store which cannot be reached must not keep the task from being stopped.
    const starting = task.start({ storedOffsets: (partitions) => offsetStore.get(partitions) })
    await Promise.race([starting, this.#whenStopping.promise])
    if (!this.#isStopping()) this.#report('RUNNING')
  }

  async #pollUntilStopping(): Promise<void> {
    while (!this.#isStopping()) {
      if (!this.#isPaused()) {
        await this.#handOver(await this.#poll())
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
      this.#trouble = undefined
    } catch (thrown) {
      await this.#pauseOrThrow(asError(thrown), 'The task could not poll')
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

  /** For an error that may go away: says so once, and waits a while. Throws others. */
  async #pauseOrThrow(error: Error, what: string): Promise<void> {
    if (!(error instanceof MirrorError) || !error.retriable) throw error
    const kind = failureKind(error)
    if (this.#trouble !== kind) {
      this.#trouble = kind
      this.#options.logger.warn({ task: this.#options.id, err: error }, `${what}; tried again until it works`)
    }
    await sleep(this.#options.clock, retryPauseMs, this.#stopping.signal)
  }

  /**
   * Gives batches to the producer, in their order and without a pause unless one is due. What is not handed over, because
   * of a stop without the lease or an error, is given back: it is mirrored after the next start.
   */
  async #handOver(batches: readonly SourceBatch[]): Promise<void> {
    const { prepareTopic = null } = this.#options
    let handedOver = 0
    try {
      for (const batch of batches) {
        if (prepareTopic !== null && batch.recordCount > 0 && !this.#preparedTopics.has(batch.targetTopic)) {
          await this.#prepareTopic(batch.targetTopic, prepareTopic)
          // Stopped before it could be made: what is sent to it now would have the brokers make it their way.
          if (!this.#preparedTopics.has(batch.targetTopic)) return
        }
        // Last, so that nothing is waited for between this look and the hand-over.
        if (!this.#isLeaseHeld()) await this.#waitForLease()
        if (this.#wasCancelled() || !this.#isLeaseHeld()) return
        this.#submit(batch)
        handedOver += 1
      }
    } finally {
      for (const left of batches.slice(handedOver)) left.release()
    }
  }

  /** Ends when the lease is held again, or the task is being stopped. */
  async #waitForLease(): Promise<void> {
    const { logger, id, clock } = this.#options
    logger.warn({ task: id }, 'Not sure to be a member of the group any more: nothing is sent until it is known')
    while (!this.#isLeaseHeld() && !this.#isStopping()) {
      await sleep(clock, leasePauseMs, this.#stopping.signal)
    }
  }

  async #prepareTopic(topic: string, prepare: (topic: string) => Promise<void>): Promise<void> {
    while (!this.#isStopping()) {
      try {
        await prepare(topic)
        this.#preparedTopics.add(topic)
        return
      } catch (thrown) {
        await this.#pauseOrThrow(asError(thrown), `Topic ${topic} could not be created`)
      }
    }
  }

  #submit(batch: SourceBatch): void {
    const submission = new Submission(batch, this)
    const { submitted } = this.#committer
    if (batch.recordCount > 0) {
      submitted.submit(batch.sourcePartition, submission)
      this.#options.producer.send(batch.targetTopic, batch.targetPartition, submission)
      return
    }
    submission.isSettled = true
    submitted.submit(batch.sourcePartition, submission)
    batch.release()
  }

  #stopTask(): Promise<void> {
    this.#stopping.abort()
    this.#whenStopping.resolve(undefined)
    this.#taskStopped ??= this.#tryStopTask()
    return this.#taskStopped
  }

  async #tryStopTask(): Promise<void> {
    try {
      await this.#options.task.stop()
    } catch (thrown) {
      this.#options.logger.warn({ task: this.#options.id, err: asError(thrown) }, 'The task did not stop cleanly')
    }
  }

  async #drain(): Promise<void> {
    const { producer, logger, id } = this.#options
    // Without the lease what is queued must not go out: there is nothing to wait for.
    if (this.#wasCancelled()) return
    const isDrained = await producer.flush(this.#isLeaseHeld() ? this.#drainTimeoutMs : 0)
    if (isDrained || this.#wasCancelled()) return
    logger.warn(
      { task: id, batches: producer.outstandingBatches },
      'Stopped before the target acknowledged everything that was fetched; it is mirrored again after the next start'
    )
  }

  async #closeProducer(): Promise<void> {
    try {
      await this.#options.producer.close()
    } catch (thrown) {
      this.#options.logger.warn({ task: this.#options.id, err: asError(thrown) }, 'The producer did not close cleanly')
    }
  }

  #wasCancelled(): boolean {
    return this.#isCancelled
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
