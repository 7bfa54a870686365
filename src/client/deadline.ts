import { type Clock } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'

/** Until when a call may take, and what else ends it. */
export interface CallLimits {
  readonly clock: Clock
  /** clock.monotonic() at which the call gives up; Infinity: never. */
  readonly deadline: number
  readonly signal?: AbortSignal | undefined
  /** What is waited for, for the message: `Metadata from cluster A`. */
  readonly what: string
}

const noTimer = (): void => undefined

export function abortError(what: string): MirrorError {
  return new MirrorError('MIRROR_CLOSED', `${what}: stopped before it was done`)
}

/**
 * The promise's outcome, or MIRROR_TIMEOUT at the deadline, or MIRROR_CLOSED when the signal aborts. What is waited for
 * goes on: a request that is given up here must not close a healthy connection that others use.
 */
export async function withinLimits<T>(promise: Promise<T>, limits: CallLimits): Promise<T> {
  const { clock, deadline, signal, what } = limits
  if (signal?.aborted === true) {
    // Nobody else listens: its failure would end the process as an unhandled rejection.
    promise.catch(() => undefined)
    throw abortError(what)
  }
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      finish()
      reject(abortError(what))
    }
    const onDeadline = (): void => {
      finish()
      reject(new MirrorError('MIRROR_TIMEOUT', `${what}: no answer before the deadline`, { retriable: true }))
    }
    const cancel = deadline === Infinity ? noTimer : clock.schedule(deadline - clock.monotonic(), onDeadline)
    const finish = (): void => {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    promise.then(
      (value) => {
        finish()
        resolve(value)
      },
      (error: unknown) => {
        finish()
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    )
  })
}
