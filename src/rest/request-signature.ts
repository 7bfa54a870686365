import { timingSafeEqual } from 'node:crypto'
import { RequestError } from '../connect/herder/request-error.ts'
import { type RequestSignature } from '../connect/herder/herder.ts'
import { signRequest } from '../connect/herder/request-signature.ts'
import { type SessionKey } from '../connect/storage/config-store.ts'

/** Headers of the reference's internal requests (spec 6.6). They cover the body alone. */
const signatureHeader = 'x-connect-authorization'
const algorithmHeader = 'x-connect-request-signature-algorithm'

/** Headers of public requests that this program passes on to a worker of its kind. They cover the whole request. */
export const forwardSignatureHeader = 'x-connect-forward-authorization'
const forwardTimeHeader = 'x-connect-forward-time'
/** On every answer to those: tells it from the 404 of a worker that serves none. */
export const forwardServedHeader = 'x-connect-forward-served'

/** How far the clocks of two workers may be apart, and how long a request that was overheard can be repeated. */
const forwardLifeMs = 300_000

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const noBody = Buffer.alloc(0)

type Header = (name: string) => string | undefined

/** The reference's signature of an internal request; a request without a body signs no bytes. */
export function signatureHeaders(key: SessionKey, body: Buffer | undefined): Record<string, string> {
  return {
    [signatureHeader]: signRequest(key.key, key.algorithm, body ?? noBody).toString('base64'),
    [algorithmHeader]: key.algorithm
  }
}

/** Undefined when a header is missing. Throws RequestError `badRequest` for text that is not base64. */
export function receivedSignature(header: Header, body: Buffer | undefined): RequestSignature | undefined {
  const signature = header(signatureHeader)
  const algorithm = header(algorithmHeader)
  if (signature === undefined || algorithm === undefined) return undefined
  if (!base64.test(signature)) throw new RequestError('badRequest', `The header ${signatureHeader} is not base64`)
  return { algorithm, signature: Buffer.from(signature, 'base64'), body: body ?? noBody }
}

/** The two headers as they came, to be sent on: they cover only the body, which does not change. */
export function passedSignature(header: Header): Record<string, string> {
  const names = [signatureHeader, algorithmHeader]
  return Object.fromEntries(names.flatMap((name) => [[name, header(name)]].filter(isPresent)))
}

function isPresent(entry: readonly (string | undefined)[]): entry is [string, string] {
  return entry[1] !== undefined
}

export interface ForwardedRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  readonly body: Buffer | undefined
}

function forwardMac(key: SessionKey, time: string, { method, target, body }: ForwardedRequest): Buffer {
  const covered = Buffer.concat([Buffer.from(`${method}\n${target}\n${time}\n`), body ?? noBody])
  return signRequest(key.key, key.algorithm, covered)
}

export function forwardSignatureHeaders(
  key: SessionKey,
  request: ForwardedRequest,
  nowMs: number
): Record<string, string> {
  const time = String(nowMs)
  return {
    [forwardSignatureHeader]: forwardMac(key, time, request).toString('base64'),
    [forwardTimeHeader]: time
  }
}

/** Whether a worker of the group sent this request, and lately. */
export function isForwardSignatureValid(
  key: SessionKey | undefined,
  request: ForwardedRequest,
  header: Header,
  nowMs: number
): boolean {
  const time = header(forwardTimeHeader)
  if (key === undefined || time === undefined || !(Math.abs(nowMs - Number(time)) <= forwardLifeMs)) return false
  const given = Buffer.from(header(forwardSignatureHeader) ?? '', 'base64')
  const expected = forwardMac(key, time, request)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
