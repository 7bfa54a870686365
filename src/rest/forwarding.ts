import { type Clock } from '../base/clock.ts'
import { type ForwardRequestError, RequestError } from '../connect/herder/request-error.ts'
import { type SessionKey } from '../connect/storage/config-store.ts'
import { type Answer, type Call } from './endpoint.ts'
import { isWorkerUrl, joinUrl, readPeerAnswer } from './peer-answer.ts'
import { type PeerClient } from './peer-client.ts'
import { forwardServedHeader, forwardSignatureHeaders, passedSignature } from './request-signature.ts'

/** Present on requests that a worker passed on (spec 6.3): `true` on the first hop, `false` on the second and last. */
export const forwardParameter = 'forward'

export interface ForwardOptions {
  readonly peers: PeerClient
  readonly clock: Clock
  /** Undefined for an endpoint that workers serve to each other anyway; the session key for all others. */
  readonly signWith: (() => SessionKey | undefined) | undefined
}

/** What the server knows of a request beside its Call. */
export interface RequestLine {
  readonly method: string
  /** As sent, escapes in it, without the query. */
  readonly path: string
}

/**
 * Sends a request on to the worker that can serve it, and answers what that answered. Requests go leader first, then to
 * the owner: after two hops the workers disagree about who that is, and the client is told to try again.
 *
 * Workers know each other's internal address only. Requests of the public API are therefore signed with the group's
 * session key, and the internal server of this program serves them to holders of that key and to nobody else.
 *
 * Throws RequestError `conflict` when there is nobody to send it to, PeerError for what the peer refused.
 */
export async function forwardRequest(
  error: ForwardRequestError,
  line: RequestLine,
  call: Call,
  options: ForwardOptions
): Promise<Answer> {
  const { query, body } = call
  const hop = nextHop(query.get(forwardParameter))
  if (hop === undefined) throw conflict(`${error.message}; it was passed on twice already. Try again`)
  if (!isWorkerUrl(error.url)) {
    throw conflict(
      `${error.message}. That worker cannot be asked from here: dedicated.mode.enable.internal.rest is off`
    )
  }
  const onward = new URLSearchParams(query)
  onward.set(forwardParameter, hop)
  const target = `${line.path}?${onward.toString()}`
  const isPublic = options.signWith !== undefined
  const url = joinUrl(error.url, target)
  const answer = await options.peers.send({
    method: line.method,
    url,
    body,
    headers: {
      ...headersOf(call),
      ...(isPublic
        ? publicSignature(error, { method: line.method, target, body }, options)
        : passedSignature(call.header))
    }
  })
  if (isPublic && answer.header(forwardServedHeader) === undefined) {
    throw conflict(
      `${error.message}. ${error.url} takes no requests of the REST API: it is a worker of another program, or its ` +
        'clock or its session key differ. Send the request to a leader that serves it'
    )
  }
  const json = readPeerAnswer(answer, url)
  return { status: answer.status, ...(json === null ? {} : { json }), headers: keptHeaders(answer.header, call.origin) }
}

function nextHop(forward: string | null): string | undefined {
  if (forward === null) return 'true'
  return forward.toLowerCase() === 'true' ? 'false' : undefined
}

function headersOf(call: Call): Record<string, string> {
  const authorization = call.header('authorization')
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' })
  }
}

function publicSignature(
  error: ForwardRequestError,
  request: { readonly method: string; readonly target: string; readonly body: Buffer | undefined },
  { signWith, clock }: ForwardOptions
): Record<string, string> {
  const key = signWith?.()
  if (key === undefined) {
    throw conflict(
      `${error.message}. It cannot be passed on: the group has no session key (connect.protocol must be sessioned)`
    )
  }
  return forwardSignatureHeaders(key, request, clock.now())
}

/** `Location` names the worker that the client asked, not the one that answered. */
function keptHeaders(header: (name: string) => string | undefined, origin: string): Record<string, string> {
  const location = header('location')
  const warning = header('warning')
  return {
    ...(location === undefined ? {} : { location: new URL(new URL(location, origin).pathname, origin).href }),
    ...(warning === undefined ? {} : { warning })
  }
}

function conflict(message: string): RequestError {
  return new RequestError('conflict', message)
}
