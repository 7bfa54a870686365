import { type Clock, sleep, untilTickMs } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { withinLimits } from '../../client/deadline.ts'
import { type SourcePartition } from '../source-batch.ts'
import { type SourceTask } from '../source-task.ts'
import { type CommittableOffset, SubmittedBatches } from './submitted-batches.ts'
import { type TaskObserver } from './worker-observer.ts'

/** Where source positions are kept. */
export interface SourceOffsetStore {
  get(partitions: readonly SourcePartition[]): Promise<(bigint | undefined)[]>
  /** Resolves when the positions are acknowledged. */
  put(offsets: readonly CommittableOffset[]): Promise<void>
}

export interface OffsetCommitterOptions {
  /** For log lines. */
  readonly id: string
  readonly task: Pick<SourceTask, 'prepareCommit' | 'commit'>
  readonly offsetStore: Pick<SourceOffsetStore, 'put'>
  /** `offset.flush.interval.ms` */
  readonly intervalMs: number
  /** `offset.flush.timeout.ms` */
  readonly timeoutMs: number
  /** Looked at before each write. */
  readonly isLeaseHeld: () => boolean
  readonly observer: TaskObserver
  readonly clock: Clock
  readonly logger: Logger
}

/** Stores the source positions of what was acknowledged, at intervals and on demand. One at a time; never rejects. */
export class OffsetCommitter {
  readonly submitted = new SubmittedBatches()
  readonly #options: OffsetCommitterOptions
  readonly #ended = new AbortController()
  readonly #cancelled = new AbortController()
  #hasFailed = false
  #flushing: Promise<void> | undefined
  /** A write that the store has not answered yet, also after its flush gave up: to its error, if any. Never rejects. */
  #writing: Promise<Error | undefined> | undefined

  constructor(options: OffsetCommitterOptions) {
    this.#options = options
  }

  /** Stores at intervals until `end` or `cancel`. */
  async run(): Promise<void> {
    const { clock, intervalMs } = this.#options
    for (;;) {
      await sleep(clock, untilTickMs(clock, intervalMs), this.#ended.signal)
      if (this.#ended.signal.aborted) return
      this.#flushing = this.#flush()
      await this.#flushing
    }
  }

  /** Ends the intervals, and stores what may be stored for the last time. */
  async end(): Promise<void> {
    this.#ended.abort()
    await this.#flushing
    await this.#flush()
  }

  /** Nothing is stored from now on. */
  cancel(): void {
    this.#ended.abort()
    this.#cancelled.abort()
  }

  /** A failure is logged and made good by the next flush, as in the reference (A.4). */
  async #flush(): Promise<void> {
    const { clock, task, logger, id, observer, isLeaseHeld } = this.#options
    // Commit hooks write too.
    if (this.#isCancelled() || !isLeaseHeld()) return
    const startedAt = clock.monotonic()
    const failure = await this.#store(startedAt)
    if (this.#isCancelled()) return
    observer.offsetCommit(clock.monotonic() - startedAt, failure === undefined)
    this.#report(failure)
    if (failure !== undefined) return
    try {
      await task.commit()
    } catch (thrown) {
      logger.warn(
        { task: id, err: asError(thrown) },
        'The commit hook of the task failed; called again at the next flush'
      )
    }
  }

  /** Once per change of state: a target that is away fails every flush. */
  #report(failure: Error | undefined): void {
    const { logger, id } = this.#options
    const hadFailed = this.#hasFailed
    this.#hasFailed = failure !== undefined
    if (failure !== undefined && !hadFailed) {
      logger.warn(
        { task: id, err: failure },
        'Source positions could not be stored; tried again at each flush, what is mirrored until then repeats after a crash'
      )
    } else if (failure === undefined && hadFailed) logger.info({ task: id }, 'Source positions are stored again')
  }

  /** The error, if any; also that time was up. */
  async #store(startedAt: number): Promise<Error | undefined> {
    const { clock, timeoutMs, isLeaseHeld } = this.#options
    const limits = {
      ...{ clock, deadline: startedAt + timeoutMs, signal: this.#cancelled.signal },
      what: `Storing source positions (offset.flush.timeout.ms is ${timeoutMs})`
    }
    try {
      // One that took too long is still under way: beside it a second would pile up at a store that does not answer.
      // Its failure gave its positions back to the ones that are taken next.
      if (this.#writing !== undefined) await withinLimits(this.#writing, limits)
      if (!isLeaseHeld()) return undefined
      this.#write()
      return this.#writing === undefined ? undefined : await withinLimits(this.#writing, limits)
    } catch (thrown) {
      return asError(thrown)
    }
  }

  #isCancelled(): boolean {
    return this.#cancelled.signal.aborted
  }

  #write(): void {
    const offsets = this.submitted.takeCommittable()
    if (offsets.length === 0) return
    this.#writing = this.#put(offsets)
  }

  async #put(offsets: readonly CommittableOffset[]): Promise<Error | undefined> {
    const { task, offsetStore, isLeaseHeld } = this.#options
    try {
      await task.prepareCommit?.()
      if (this.#isCancelled() || !isLeaseHeld()) {
        this.submitted.restore(offsets)
        return undefined
      }
      await offsetStore.put(offsets)
      return undefined
    } catch (thrown) {
      this.submitted.restore(offsets)
      return asError(thrown)
    } finally {
      this.#writing = undefined
    }
  }
}
