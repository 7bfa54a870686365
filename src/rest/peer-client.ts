import { type Clock } from '../base/clock.ts'
import { MirrorError, asError } from '../base/errors.ts'

/** A request to another worker. */
export interface PeerRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent byte for byte: a signature covers it. */
  readonly body: Buffer | undefined
}

export interface PeerAnswer {
  readonly status: number
  /** Undefined when the answer has no such header. */
  readonly header: (name: string) => string | undefined
  readonly body: Buffer
}

/** HTTP to other workers of the group. Rejects with MIRROR_NETWORK or MIRROR_TIMEOUT; follows no redirect. */
export interface PeerClient {
  send(request: PeerRequest): Promise<PeerAnswer>
}

/** As long as the reference waits for a request between workers. */
const peerTimeoutMs = 90_000

/** Through the runtime's own `fetch`. */
export class FetchPeerClient implements PeerClient {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async send({ method, url, headers, body }: PeerRequest): Promise<PeerAnswer> {
    const deadline = new AbortController()
    const cancel = this.#clock.schedule(peerTimeoutMs, () => {
      deadline.abort()
    })
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headers, accept: 'application/json', 'user-agent': 'kafka-connect' },
        redirect: 'manual',
        signal: deadline.signal,
        ...(body === undefined ? {} : { body })
      })
      return {
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        body: Buffer.from(await response.arrayBuffer())
      }
    } catch (thrown) {
      throw unreachable(`${method} ${url}`, asError(thrown), deadline.signal.aborted)
    } finally {
      cancel()
    }
  }
}

function unreachable(request: string, error: Error, isLate: boolean): MirrorError {
  const options = { retriable: true, cause: error }
  if (isLate) return new MirrorError('MIRROR_TIMEOUT', `${request}: no answer within ${peerTimeoutMs} ms`, options)
  // fetch says only that it failed; the reason is below it.
  const reason = error.cause instanceof Error ? error.cause.message : error.message
  return new MirrorError(
    'MIRROR_NETWORK',
    `${request}: the worker cannot be reached (${reason}). Is the address that it advertises (rest.advertised.host.name, ` +
      'rest.advertised.port) reachable from here?',
    options
  )
}
