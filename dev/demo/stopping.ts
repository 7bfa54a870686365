/** Ending the demo early: a signal, the end of the process that started it, or its time limit. */

/** The reason of the abort; `message` is for people. */
export class Stopped extends Error {
  readonly isFailure: boolean

  constructor(message: string, isFailure: boolean) {
    super(message)
    this.name = 'Stopped'
    this.isFailure = isFailure
  }
}

/** Aborts on the first SIGINT, SIGTERM or SIGHUP, and when dev/demo.js is gone. Later ones change nothing. */
export function stopOnSignals(stop: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop.abort(new Stopped(signal, false))
    })
  }
  process.on('disconnect', () => {
    stop.abort(new Stopped('the starting process ended', false))
  })
  process.channel?.unref()
  // The reader of standard output is gone (`npm run demo | head`).
  process.stdout.on('error', () => {
    stop.abort(new Stopped('nobody reads the output', false))
  })
}

/** Settles as `promise` does, or rejects with the abort's reason. `promise` itself goes on. */
export async function unlessStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Given up, it may still fail later.
  promise.catch(() => undefined)
  signal.throwIfAborted()
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    }
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
