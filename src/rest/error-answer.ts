import { asError } from '../base/errors.ts'
import {
  ForwardRequestError,
  RebalanceExpectedError,
  RequestError,
  requestErrors
} from '../connect/herder/request-error.ts'
import { type Answer } from './endpoint.ts'

/** An error that the HTTP layer itself has a status for. */
export class HttpError extends Error {
  readonly statusCode: number

  constructor(statusCode: number, message: string) {
    super(message)
    this.name = 'HttpError'
    this.statusCode = statusCode
  }
}

export const notFound = (): HttpError => new HttpError(404, 'HTTP 404 Not Found')
export const methodNotAllowed = (): HttpError => new HttpError(405, 'HTTP 405 Method Not Allowed')

/**
 * The status that stands for an error (spec 6.3).
 *
 * @param isForwarded whether the endpoint is one that workers pass on: only there a rebalance is a conflict
 */
export function errorStatus(error: unknown, isForwarded: boolean): number {
  if (error instanceof RequestError) return requestErrors[error.kind]
  if (error instanceof ForwardRequestError) return 409
  if (error instanceof RebalanceExpectedError) return isForwarded ? 409 : 500
  return httpStatus(error) ?? 500
}

/** Whether it is for the client alone: what the client asked cannot be done, now or ever, and this worker is in order. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RequestError || error instanceof RebalanceExpectedError
}

/** The status that an error of the HTTP layer (a body too large, a media type) carries. */
function httpStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}

/** Exactly two members: Java workers refuse an error body with more. */
export function errorAnswer(status: number, error: unknown): Answer {
  return { status, json: { error_code: status, message: asError(error).message } }
}
