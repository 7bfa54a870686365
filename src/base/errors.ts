/**
 * Every error that this program raises on purpose. One closed list of codes: an operator greps for a code, code
 * branches on it, and `docs/errors.md` is printed from this table.
 */
export const errorCodes = {
  MIRROR_CONFIG_INVALID: 'The configuration has problems; each is listed with key, value and what was expected.',
  MIRROR_CONFIG_UNREADABLE: 'The configuration file cannot be read.',
  MIRROR_USAGE: 'The command line is wrong.',
  MIRROR_NETWORK: 'A connection could not be opened, or was lost.',
  MIRROR_TIMEOUT: 'A broker did not answer before the deadline; the connection was closed.',
  MIRROR_CLOSED: 'The object was closed while the call was running, or before it.',
  MIRROR_PROTOCOL: 'A peer sent bytes that are not a valid Kafka message.',
  MIRROR_UNSUPPORTED_VERSION: 'The broker has no version of the request that this program speaks.',
  MIRROR_TLS: 'The TLS settings are unusable, or the handshake failed.',
  MIRROR_AUTHENTICATION: 'The broker refused the credentials, or the mechanism is not to be had.',
  MIRROR_AUTHORIZATION: 'The user lacks a permission, which the message names.',
  MIRROR_BROKER: 'A broker answered with an error code.',
  MIRROR_CODEC: 'A record batch uses a compression codec that is not installed, or cannot be decompressed.',
  MIRROR_BATCH_INVALID: 'A record batch is malformed.',
  MIRROR_RECORD_INVALID: 'A record of an internal topic (checkpoint, heartbeat, offset sync) is malformed.',
  MIRROR_SOURCE_GAP:
    'Source records were lost before they could be mirrored, or are too large for the target, and `gap.policy` is fail.',
  MIRROR_NO_CHECKPOINTS: 'The cluster holds no checkpoints of the alias that was asked for.',
  MIRROR_NO_OFFSET_MAP: 'The cluster holds no offset map of the alias that was asked for.',
  MIRROR_RECORD_REFUSED: 'The target refuses a record for good.',
  MIRROR_INTERNAL_TOPIC: 'An internal topic cannot be created or has unusable settings.',
  MIRROR_REQUEST:
    'A request to the runtime cannot be answered: it is wrong, comes too early, or belongs to another worker.',
  MIRROR_PLUGIN: 'A plug-in cannot be loaded, or is not what its place asks for.',
  MIRROR_CONVERSION: 'A record cannot be converted or transformed.',
  MIRROR_LEASE:
    'The worker is no longer sure to be a member of its group: nothing is written until it has joined again.'
} as const

export type ErrorCode = keyof typeof errorCodes

export interface MirrorErrorOptions {
  /** Whether the same call can succeed later without anybody changing anything. Default false. */
  readonly retriable?: boolean
  readonly cause?: unknown
}

/** Base of all errors raised on purpose. The message names what it happened to and what the operator can do. */
export class MirrorError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean

  constructor(code: ErrorCode, message: string, options: MirrorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retriable = options.retriable ?? false
  }
}

/** Anything that can be thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/**
 * What tells one lasting failure from another, so that each is logged once. A cluster that is away fails with other words
 * at each attempt (the broker that was tried last, a deadline): that is one failure all the time.
 */
export function failureKind(error: Error): string {
  const isAway = error instanceof MirrorError && error.retriable && error.code !== 'MIRROR_BROKER'
  return isAway ? 'away' : error.message
}
