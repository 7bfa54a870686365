import { type Clock, sleep } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type AckedRun, type OutgoingBatch, type RawProducer, type RefusedRecords } from '../../client/raw-producer.ts'
import { type SourceBatch } from '../source-batch.ts'
import { type SourceTask } from '../source-task.ts'
import { RetriableTrouble } from './retriable-trouble.ts'
import { type SubmittedBatch, type SubmittedBatches } from './submitted-batches.ts'
import { type TaskObserver } from './worker-observer.ts'

export interface BatchDeliveryOptions {
  /** For log lines: `<connector>-<task number>`. */
  readonly id: string
  /** Told of each batch that is settled, in order per source partition. */
  readonly task: Pick<SourceTask, 'batchSettled' | 'stopsAtRefusal'>
  readonly producer: RawProducer
  /** Where the order of acknowledgement is kept. */
  readonly submitted: SubmittedBatches
  /** While it answers false nothing is handed to the producer. */
  readonly isLeaseHeld: () => boolean
  /** Makes a target topic before its first batch (spec 4.7). Null: topics are there. */
  readonly prepareTopic?: ((topic: string) => Promise<void>) | null
  /** Told of the target topic of every batch that is acknowledged. */
  readonly noteTopic?: ((topic: string) => void) | null
  readonly observer: TaskObserver
  /** Aborted when the task is being stopped. */
  readonly stopping: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
}

/** How often the lease is looked at while it is not held. */
const leasePauseMs = 100

const none: readonly never[] = []

/** Links a batch at the producer with its place in the order of its source partition. */
class Submission implements SubmittedBatch, OutgoingBatch {
  isSettled = false
  readonly lastOffset: bigint
  readonly recordCount: number
  readonly records: Buffer
  readonly #batch: SourceBatch
  readonly #delivery: BatchDelivery
  #runs: readonly AckedRun[] = none
  #refused: readonly RefusedRecords[] = none

  constructor(batch: SourceBatch, delivery: BatchDelivery) {
    this.lastOffset = batch.lastOffset
    this.recordCount = batch.recordCount
    this.records = batch.records
    this.#batch = batch
    this.#delivery = delivery
  }

  settled(runs: readonly AckedRun[], refused: readonly RefusedRecords[]): void {
    this.#runs = runs
    this.#refused = refused
    this.#delivery.settled(this, this.#batch, runs, refused)
  }

  passed(): boolean {
    return this.#delivery.passed(this.#batch, this.#runs, this.#refused)
  }
}

/** A task's way to the target: its batches go to the producer in their order, and are followed until they are settled. */
export class BatchDelivery {
  readonly #options: BatchDeliveryOptions
  readonly #preparedTopics = new Set<string>()
  readonly #topicTrouble: RetriableTrouble
  #isCancelled = false

  constructor(options: BatchDeliveryOptions) {
    this.#options = options
    this.#topicTrouble = new RetriableTrouble(options, options.stopping)
  }

  /**
   * Gives batches to the producer, without a pause unless one is due. What is not handed over, because of a stop without
   * the lease or an error, is given back: it is mirrored after the next start. Throws what fails the task.
   */
  async deliver(batches: readonly SourceBatch[]): Promise<void> {
    const { prepareTopic = null, isLeaseHeld } = this.#options
    let handedOver = 0
    try {
      for (const batch of batches) {
        if (prepareTopic !== null && batch.recordCount > 0 && !this.#preparedTopics.has(batch.targetTopic)) {
          await this.#prepareTopic(batch.targetTopic, prepareTopic)
          // Stopped before it could be made: what is sent to it now would have the brokers make it their way.
          if (!this.#preparedTopics.has(batch.targetTopic)) return
        }
        // Last, so that nothing is waited for between this look and the hand-over.
        if (!isLeaseHeld()) await this.#waitForLease()
        if (this.#isCancelled || !isLeaseHeld()) return
        this.#submit(batch)
        handedOver += 1
      }
    } finally {
      for (const left of batches.slice(handedOver)) left.release()
    }
  }

  /** Waits for what was handed over to be acknowledged. Without the lease what is queued must not go out: no wait then. */
  async drain(timeoutMs: number): Promise<void> {
    const { producer, logger, id, isLeaseHeld } = this.#options
    if (this.#isCancelled) return
    const isDrained = await producer.flush(isLeaseHeld() ? timeoutMs : 0)
    if (isDrained || this.#wasCancelled()) return
    logger.warn(
      { task: id, batches: producer.outstandingBatches },
      'Stopped before the target acknowledged everything that was fetched; it is mirrored again after the next start'
    )
  }

  /** Ends it at once: what comes late is dropped. */
  cancel(): void {
    this.#isCancelled = true
    void this.close()
  }

  async close(): Promise<void> {
    const { producer, logger, id } = this.#options
    try {
      await producer.close()
    } catch (thrown) {
      logger.warn({ task: id, err: asError(thrown) }, 'The producer did not close cleanly')
    }
  }

  /** @internal Called by submissions, in order per target partition. */
  settled(
    submission: Submission,
    batch: SourceBatch,
    runs: readonly AckedRun[],
    refused: readonly RefusedRecords[]
  ): void {
    if (this.#isCancelled) return
    const { submitted, observer, noteTopic } = this.#options
    submitted.settle(batch.sourcePartition, submission)
    // The reference fails the task for a record that is too large unless errors.tolerance is `all`; here it is left out and
    // reported in either case (design: what the target refuses for good must not stop the others).
    let left = 0
    for (const { count } of refused) left += count
    if (left > 0) observer.dropped(left)
    observer.written(batch.recordCount - left)
    if (runs.length > 0) noteTopic?.(batch.targetTopic)
    batch.release()
  }

  /** @internal Called by submissions, in order per source partition. Whether its position may be stored. */
  passed(batch: SourceBatch, runs: readonly AckedRun[], refused: readonly RefusedRecords[]): boolean {
    const { task } = this.#options
    if (!this.#isCancelled) task.batchSettled(batch, runs, refused)
    return refused.length === 0 || task.stopsAtRefusal !== true
  }

  /** Ends when the lease is held again, or the task is being stopped. */
  async #waitForLease(): Promise<void> {
    const { logger, id, clock, isLeaseHeld, stopping } = this.#options
    logger.warn({ task: id }, 'Not sure to be a member of the group any more: nothing is sent until it is known')
    while (!isLeaseHeld() && !stopping.aborted) await sleep(clock, leasePauseMs, stopping)
  }

  async #prepareTopic(topic: string, prepare: (topic: string) => Promise<void>): Promise<void> {
    while (!this.#options.stopping.aborted) {
      try {
        await prepare(topic)
        this.#preparedTopics.add(topic)
        this.#topicTrouble.over()
        return
      } catch (thrown) {
        await this.#topicTrouble.pauseOrThrow(asError(thrown), `Topic ${topic} could not be created`)
      }
    }
  }

  #submit(batch: SourceBatch): void {
    const submission = new Submission(batch, this)
    const { submitted, producer } = this.#options
    if (batch.recordCount > 0) {
      submitted.submit(batch.sourcePartition, submission)
      producer.send(batch.targetTopic, batch.targetPartition, submission)
      return
    }
    submission.isSettled = true
    submitted.submit(batch.sourcePartition, submission)
    batch.release()
  }

  /** It may have been while something was waited for. */
  #wasCancelled(): boolean {
    return this.#isCancelled
  }
}
