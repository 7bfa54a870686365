import { type Clock } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'

/** Rejects with MIRROR_TIMEOUT when the work is not done in time; the work itself goes on. */
export async function withinDeadline<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  let cancel = (): void => undefined
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.schedule(limitMs, () => {
      reject(new MirrorError('MIRROR_TIMEOUT', `The worker did not answer within ${limitMs} ms`))
    })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}
