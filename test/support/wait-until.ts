/** Polls for a condition, instead of sleeping and hoping. */
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { asError } from '../../src/base/errors.ts'

export interface WaitOptions {
  /** Default 15 s. */
  readonly timeoutMs?: number
  /** Default 50 ms. */
  readonly intervalMs?: number
}

/** For a probe that was begun in time: one that hangs must not make the wait endless. */
const probePatienceMs = 15_000

/**
 * Calls `probe` until it gives something other than false, null or undefined, and resolves with that. A probe that throws counts as
 * "not yet"; its last error is the cause of the failure.
 * @param what completes "timed out waiting until ..."
 */
export async function waitUntil<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {}
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs = 15_000, intervalMs = 50 } = options
  const deadline = Date.now() + timeoutMs
  let last: unknown
  let failure: Error | undefined
  for (;;) {
    try {
      failure = undefined
      const value = await answered(probe, Math.max(deadline - Date.now(), 0) + probePatienceMs)
      if (isThere(value)) return value
      last = value
    } catch (error) {
      failure = asError(error)
    }
    if (Date.now() >= deadline) {
      const seen = failure === undefined ? `last seen: ${inspect(last)}` : `last error: ${failure.message}`
      throw new Error(`timed out after ${timeoutMs} ms waiting until ${what}; ${seen}`, { cause: failure })
    }
    await delay(intervalMs)
  }
}

async function answered<T>(probe: () => T | Promise<T>, patienceMs: number): Promise<T> {
  const answer = probe()
  if (!(answer instanceof Promise)) return answer
  const giveUp = new AbortController()
  const silence = async (): Promise<never> => {
    await delay(patienceMs, undefined, { signal: giveUp.signal })
    throw new Error(`the probe did not answer within ${patienceMs} ms`)
  }
  try {
    return await Promise.race([answer, silence()])
  } finally {
    giveUp.abort()
  }
}

function isThere<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== false && value !== null && value !== undefined
}
