import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type SecuritySettings } from '../config/client-settings.ts'
import { type ApiMessage, type ApiVersionRange } from '../wire/api-message.ts'

/** How much is received: fetched records, or answers that tell little. */
export type ConnectionKind = 'data' | 'control'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly security: SecuritySettings
  /** Time for TCP connect, TLS, SASL and ApiVersions together. */
  readonly connectTimeoutMs: number
  /** Default deadline of a request; a missed one closes the socket. */
  readonly requestTimeoutMs: number
  /** `data`: large pooled receive buffers that batches are passed on from; `control`: small ones. */
  readonly kind: ConnectionKind
  /** Largest response frame taken; a longer one closes the connection with MIRROR_PROTOCOL. */
  readonly maxFrameBytes: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Memory that a response is a view into. It is reused once everybody who retained it has released it. */
export interface FrameMemory {
  retain(): void
  release(): void
}

export interface RequestOptions {
  readonly timeoutMs?: number
  /** Highest version to use, where a caller cannot live with a newer one. */
  readonly maxVersion?: number
}

export interface RetainedResponse<Response> {
  readonly response: Response
  /** Already retained once for the caller, who must release it. */
  readonly memory: FrameMemory
}

/**
 * One authenticated connection to a broker, with requests in flight matched by correlation id.
 * After `close` or any failure every pending and later request rejects; a connection is never reopened.
 */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly closed: boolean
  /** Resolves when the connection is closed, with the error that closed it or null after `close`. Never rejects. */
  readonly whenClosed: Promise<Error | null>
  /** Requests waiting for a response. */
  readonly pendingRequests: number
  /** clock.monotonic() of the last time something was sent or received, for connections.max.idle.ms. */
  readonly lastUsedMs: number
  readonly apiVersions: ReadonlyMap<number, ApiVersionRange>
  /** Version that a request of this API will use; null when broker and program share none. */
  versionOf(api: ApiMessage<never, unknown>): number | null
  /** The response is decoded from a private copy: its byte fields stay valid. */
  request<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request,
    options?: RequestOptions
  ): Promise<Response>
  /** The response's byte fields are views into `memory`, valid until it is released. */
  requestRetained<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request,
    options?: RequestOptions
  ): Promise<RetainedResponse<Response>>
  close(reason?: Error): void
}

export type OpenConnection = (options: ConnectionOptions) => Promise<Connection>
