import { type Clock, sleep } from '../../base/clock.ts'
import { asError, MirrorError } from '../../base/errors.ts'
import { type Logger } from '../../base/logger.ts'
import { type Random } from '../../base/random.ts'
import { type ErrorObserver } from './error-observer.ts'
import { type PipelineStep } from './pipeline-step.ts'
import { type RecordDraft } from './record-draft.ts'

export interface ErrorSettings {
  /** `errors.retry.timeout`: -1 for ever. */
  readonly retryTimeoutMs: number
  /** `errors.retry.delay.max.ms` */
  readonly retryDelayMaxMs: number
  /** `errors.tolerance` */
  readonly tolerance: 'none' | 'all'
  /** `errors.log.enable` */
  readonly isLogged: boolean
  /** `errors.log.include.messages` */
  readonly includesMessages: boolean
}

export interface ErrorHandlerOptions {
  readonly settings: ErrorSettings
  /** For log lines: `<connector>-<task number>`. */
  readonly taskId: string
  readonly observer: ErrorObserver
  readonly stopping: AbortSignal
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Where a record comes from, for messages. */
export interface RecordOrigin {
  readonly partition: Readonly<Record<string, string | number>>
  readonly offset: bigint
}

const firstRetryDelayMs = 300

/**
 * What becomes of a record when an operation on it throws (spec 4.8, as 4.3 does it): retriable errors are tried again until
 * the timeout, then as any other error the tolerance decides.
 */
export class ErrorHandler {
  readonly #options: ErrorHandlerOptions

  constructor(options: ErrorHandlerOptions) {
    this.#options = options
  }

  /**
   * After the first attempt of a step threw. True when a later attempt worked, false when the record is to be skipped.
   * Rejects with MIRROR_CONVERSION when the error is not tolerated, and with MIRROR_CLOSED when the task stops meanwhile:
   * the reference skips the record then, which loses it; here it is read again after the next start.
   */
  async recover(step: PipelineStep, draft: RecordDraft, origin: RecordOrigin, thrown: unknown): Promise<boolean> {
    const { observer, settings } = this.#options
    const error = await this.#retry(step, draft, origin, asError(thrown))
    if (error === undefined) return true
    observer.recordFailure()
    observer.recordError()
    this.#log(step, draft, origin, error)
    if (settings.tolerance === 'none') throw failure(step, origin, error)
    observer.skipped()
    return false
  }

  /** Undefined when an attempt worked, else the last error. */
  async #retry(step: PipelineStep, draft: RecordDraft, origin: RecordOrigin, first: Error): Promise<Error | undefined> {
    const { clock, observer, settings, stopping } = this.#options
    const { retryTimeoutMs } = settings
    const deadline = retryTimeoutMs < 0 ? Infinity : clock.monotonic() + retryTimeoutMs
    let error = first
    for (let attempt = 1; isRetriable(error); attempt++) {
      observer.recordFailure()
      if (clock.monotonic() >= deadline) return error
      await sleep(clock, this.#delayMs(attempt, deadline), stopping)
      if (stopping.aborted) {
        throw new MirrorError('MIRROR_CLOSED', `${nameOf(origin)} was being tried again when the task stopped`, {
          cause: error
        })
      }
      observer.retry()
      try {
        step.run(draft)
        return undefined
      } catch (thrown) {
        error = asError(thrown)
      }
    }
    return error
  }

  /** Doubles from 300 ms; beyond the maximum a random time below it. Never past the deadline. */
  #delayMs(attempt: number, deadline: number): number {
    const { clock, random, settings } = this.#options
    const doubled = firstRetryDelayMs * 2 ** (attempt - 1)
    const delay = doubled > settings.retryDelayMaxMs ? Math.floor(random() * settings.retryDelayMaxMs) : doubled
    return Math.min(delay, Math.max(0, deadline - clock.monotonic()))
  }

  #log(step: PipelineStep, draft: RecordDraft, origin: RecordOrigin, error: Error): void {
    const { settings, observer, logger, taskId } = this.#options
    if (!settings.isLogged) return
    const fields = { task: taskId, stage: step.stage, class: step.className, err: error }
    const record = settings.includesMessages ? { record: recordFields(draft, origin) } : {}
    logger.error({ ...fields, ...record }, 'A record cannot be transformed or converted')
    observer.logged()
  }
}

/** Plug-ins need not know our error classes. */
function isRetriable(error: Error): boolean {
  return 'retriable' in error && error.retriable === true
}

function failure(step: PipelineStep, origin: RecordOrigin, cause: Error): MirrorError {
  const what = `${step.stage} by ${step.className} failed on ${nameOf(origin)}`
  const advice = 'correct the configuration, or set errors.tolerance=all to skip such records'
  return new MirrorError('MIRROR_CONVERSION', `${what}: ${cause.message}; ${advice}`, { cause })
}

function nameOf({ partition, offset }: RecordOrigin): string {
  return `the record of ${JSON.stringify(partition)} at offset ${offset}`
}

function recordFields({ source }: RecordDraft, { partition, offset }: RecordOrigin): object {
  return {
    sourcePartition: partition,
    sourceOffset: String(offset),
    timestamp: String(source.timestamp),
    keyBase64: source.key?.toString('base64') ?? null,
    valueBase64: source.value?.toString('base64') ?? null,
    headers: source.headers.map(([key, value]) => ({
      key: key.toString(),
      valueBase64: value?.toString('base64') ?? null
    }))
  }
}
