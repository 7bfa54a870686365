import { MirrorError } from '../../base/errors.ts'

/** Why a request of the REST API cannot be answered; the number is the HTTP status that stands for it (spec 6.3). */
export const requestErrors = {
  badRequest: 400,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  internal: 500,
  noSessionKey: 503
} as const

export type RequestErrorKind = keyof typeof requestErrors

/** A request that cannot be answered as it is. */
export class RequestError extends MirrorError {
  readonly kind: RequestErrorKind

  constructor(kind: RequestErrorKind, message: string, options: { readonly cause?: unknown } = {}) {
    super('MIRROR_REQUEST', message, options)
    this.kind = kind
  }
}

/** The request must go to another worker: the leader, or the owner of a connector or task. */
export class ForwardRequestError extends MirrorError {
  /** Base URL of that worker; undefined when unknown. */
  readonly url: string | undefined

  constructor(message: string, url: string | undefined) {
    super('MIRROR_REQUEST', message, { retriable: true })
    this.url = url
  }
}

/** The group is about to rebalance: 409 where the request could be forwarded, else 500 (spec 6.3). */
export class RebalanceExpectedError extends MirrorError {
  constructor(message: string) {
    super('MIRROR_REQUEST', message, { retriable: true })
  }
}
