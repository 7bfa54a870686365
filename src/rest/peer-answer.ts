import { asJsonObject, type JsonValue } from '../connect/storage/jackson-json.ts'
import { parseJson } from '../connect/storage/json-parser.ts'
import { HttpError } from './error-answer.ts'
import { type PeerAnswer } from './peer-client.ts'

/** An error of the reference's shape that a peer answered, its code kept apart: it need not be the status. */
export class PeerError extends HttpError {
  readonly body: JsonValue

  constructor(status: number, code: number, message: string) {
    super(status, message)
    this.body = { error_code: code, message }
  }
}

/** What the peer answered, null for an empty body. Throws PeerError for what it refused, HttpError 500 for nonsense. */
export function readPeerAnswer(answer: PeerAnswer, url: string): JsonValue {
  const { status, body } = answer
  const json = parsed(body)
  if (status >= 200 && status < 300 && json !== undefined) return json
  const { error_code: code, message } = asJsonObject(json) ?? {}
  if (status >= 400 && typeof code === 'bigint' && typeof message === 'string') {
    throw new PeerError(status, Number(code), message)
  }
  // Kafka 4 answers HTML to paths that its HTTP library refuses, such as aliases with a slash in them.
  throw new HttpError(500, `The worker at ${url} answered ${status} with a body that is not Connect's`)
}

function parsed(body: Buffer): JsonValue | undefined {
  try {
    return parseJson(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Whether a worker can be reached by this URL; those without internal REST tell the group `NOTUSED`. */
export function isWorkerUrl(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/./i.test(url)
}

/** Advertised URLs end in a slash, and Kafka 4 refuses paths with two in a row. */
export function joinUrl(base: string, path: string): string {
  return base.replace(/\/+$/, '') + path
}
