import { type Clock, sleep } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type AckedRun, type OutgoingBatch, type RawProducer, type RefusedRecords } from '../../client/raw-producer.ts'
import { type TaskHandle } from '../herder/task-handle.ts'
import { type SourceBatch, type SourcePartition } from '../source-batch.ts'
import { type SourceTask } from '../source-task.ts'
import { type CommittableOffset, type SubmittedBatch, SubmittedBatches } from './submitted-batches.ts'

/** Where source positions are kept. */
export interface SourceOffsetStore {
  get(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]>
  /** Resolves when the positions are acknowledged; rejects when that takes longer than offset.flush.timeout.ms. */
  put(offsets: readonly CommittableOffset[]): Promise<void>
}

export interface WorkerSourceTaskOptions {
  /** For log lines: `<connector>-<task number>`. */
  readonly id: string
  readonly task: SourceTask
  readonly producer: RawProducer
  readonly offsetStore: SourceOffsetStore
  /** `offset.flush.interval.ms` */
  readonly offsetFlushIntervalMs: number
  /** `task.shutdown.graceful.timeout.ms`: time for what was fetched to be acknowledged at a stop. */
  readonly gracefulStopTimeoutMs: number
  readonly clock: Clock
  readonly logger: Logger
}

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
 */
export class WorkerSourceTask implements TaskHandle {
  readonly done: Promise<Error | undefined>
  readonly #options: WorkerSourceTaskOptions
  readonly #submitted = new SubmittedBatches()
  readonly #stopping = new AbortController()
  readonly #whenStopping = deferred<undefined>()
  /** Positions are stored at intervals until here, also during a long drain. */
  readonly #drained = new AbortController()
  #drainTimeoutMs: number
  #taskStopped: Promise<void> | undefined

  /** Starts the task at once. */
  constructor(options: WorkerSourceTaskOptions) {
    this.#options = options
    this.#drainTimeoutMs = options.gracefulStopTimeoutMs
    this.done = this.#main()
  }

  /** Stops polling, waits for what was fetched to be acknowledged, stores the last positions, stops the task. */
  async stop(drainTimeoutMs = this.#drainTimeoutMs): Promise<void> {
    this.#drainTimeoutMs = drainTimeoutMs
    await this.#stopTask()
    await this.done
  }

  /** @internal Called by submissions, in order per source partition. */
  settled(
    submission: Submission,
    batch: SourceBatch,
    runs: readonly AckedRun[],
    refused: readonly RefusedRecords[]
  ): void {
    this.#options.task.batchSettled(batch, runs, refused)
    this.#submitted.settle(batch.sourcePartition, submission)
    batch.release()
  }

  /** Never rejects. */
  async #main(): Promise<Error | undefined> {
    const { task, offsetStore } = this.#options
    let failure: Error | undefined
    let flushing: Promise<void> | undefined
    try {
      // A start that waits for a store which cannot be reached must not keep the task from being stopped.
      const starting = task.start({ storedOffsets: (partitions) => offsetStore.get(partitions) })
      await Promise.race([starting, this.#whenStopping.promise])
      flushing = this.#flushPeriodically()
      while (!this.#stopping.signal.aborted) {
        for (const batch of await task.poll()) this.#submit(batch)
      }
    } catch (thrown) {
      // What a task complains about while it is being stopped is no failure.
      if (!this.#stopping.signal.aborted) failure = asError(thrown)
    }
    try {
      await this.#stopTask()
      await this.#drain()
      this.#drained.abort()
      await flushing
      await this.#flush()
      await this.#options.producer.close()
    } catch (thrown) {
      failure ??= asError(thrown)
    }
    return failure
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
    if (await producer.flush(this.#drainTimeoutMs)) return
    logger.warn(
      { task: id, batches: producer.outstandingBatches },
      'Stopped before the target acknowledged everything that was fetched; it is mirrored again after the next start'
    )
  }

  #submit(batch: SourceBatch): void {
    const submission = new Submission(batch, this)
    if (batch.recordCount > 0) {
      this.#submitted.submit(batch.sourcePartition, submission)
      this.#options.producer.send(batch.targetTopic, batch.targetPartition, submission)
      return
    }
    submission.isSettled = true
    this.#submitted.submit(batch.sourcePartition, submission)
    batch.release()
  }

  async #flushPeriodically(): Promise<void> {
    const { clock, offsetFlushIntervalMs } = this.#options
    for (;;) {
      await sleep(clock, offsetFlushIntervalMs, this.#drained.signal)
      if (this.#drained.signal.aborted) return
      await this.#flush()
    }
  }

  /** Stores what may be stored. A failure is logged and made good by the next flush, as in the reference (A.4). */
  async #flush(): Promise<void> {
    const { offsetStore, task, logger, id } = this.#options
    const offsets = this.#submitted.takeCommittable()
    try {
      if (offsets.length > 0) await offsetStore.put(offsets)
    } catch (thrown) {
      this.#submitted.restore(offsets)
      logger.warn(
        { task: id, err: asError(thrown), partitions: offsets.length },
        'Source positions could not be stored; tried again at the next flush, what is mirrored until then repeats after a crash'
      )
      return
    }
    try {
      await task.commit()
    } catch (thrown) {
      logger.warn(
        { task: id, err: asError(thrown) },
        'The commit hook of the task failed; called again at the next flush'
      )
    }
  }
}
