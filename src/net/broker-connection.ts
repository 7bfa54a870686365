import { type Socket } from 'node:net'
import { deferred } from '../base/deferred.ts'
import { asError, MirrorError } from '../base/errors.ts'
import { type ApiMessage, type ApiVersionRange } from '../wire/api-message.ts'
import { encodeRequestHeader, responseBodyReader } from '../wire/request-header.ts'
import { Writer } from '../wire/writer.ts'
import {
  type Connection,
  type ConnectionOptions,
  type FrameMemory,
  type RequestOptions,
  type RetainedResponse
} from './connection.ts'
import { FrameReceiver } from './frame-receiver.ts'
import { type InFlightRequest, InFlightRequests } from './in-flight-requests.ts'
import { socketError } from './network-error.ts'
import { BufferPool, type BufferPoolLimits, unpooledMemory } from './buffer-pool.ts'
import { type SocketReader } from './socket.ts'

/** What can be asked of a connection while it is being made ready or re-authenticated. */
export interface VersionedRequests {
  readonly versionOf: Connection['versionOf']
  /** A request in exactly this version, whatever the broker says that it offers. */
  requestVersion<Request, Response>(
    api: ApiMessage<Request, Response>,
    version: number,
    request: Request
  ): Promise<Response>
}

const kibi = 1024
const mebi = kibi * kibi

const receiveLimits: Record<ConnectionOptions['kind'], BufferPoolLimits & { readonly windowBytes: number }> = {
  // A little more than four MiB: four fetch responses of one MiB with their headers fit. Eight gained nothing (W1 of the bench).
  data: { bufferBytes: 4 * mebi + 64 * kibi, pooledBytes: 96 * mebi, windowBytes: mebi },
  control: { bufferBytes: 64 * kibi, pooledBytes: 256 * kibi, windowBytes: 16 * kibi }
}

/** The `Connection` over a socket that is being opened; `openConnection` brings it to where others can use it. */
export class BrokerConnection implements Connection {
  readonly whenClosed: Promise<Error | null>
  readonly #options: ConnectionOptions
  readonly #clientId: Buffer
  readonly #buffers: BufferPool
  readonly #receiver: FrameReceiver
  readonly #inFlight: InFlightRequests
  readonly #socket: Socket
  readonly #closed = deferred<Error | null>()
  /** What later requests reject with; null while open. */
  #closeError: Error | null = null
  #apiVersions: ReadonlyMap<number, ApiVersionRange> = new Map()
  #lastUsedMs: number
  /** Responses received. */
  #frames = 0
  /** Requests that wait until `exclusively` ends; null outside of it. */
  #held: (() => void)[] | null = null

  constructor(options: ConnectionOptions, createSocket: (reader: SocketReader) => Socket) {
    const { clock, kind, maxFrameBytes } = options
    const { windowBytes, ...limits } = receiveLimits[kind]
    this.whenClosed = this.#closed.promise
    this.#options = options
    this.#clientId = Buffer.from(options.clientId)
    this.#lastUsedMs = clock.monotonic()
    this.#inFlight = new InFlightRequests(clock, ({ apiName, timeoutMs }) => {
      const message = `${this.#name} did not answer ${apiName} within ${timeoutMs} ms; the connection was closed`
      this.close(new MirrorError('MIRROR_TIMEOUT', message, { retriable: true }))
    })
    this.#buffers = new BufferPool(limits)
    const onFrame = (frame: Buffer, memory: FrameMemory): void => {
      this.#frames += 1
      this.#inFlight.receive(frame, memory)
    }
    this.#receiver = new FrameReceiver({ buffers: this.#buffers, maxFrameBytes, windowBytes, onFrame })
    this.#socket = createSocket({
      buffer: () => this.#receiver.window(),
      callback: (count) => this.#read(count)
    })
    this.#socket.on('error', (error) => {
      const inHandshake = 'secureConnecting' in this.#socket && this.#socket.secureConnecting === true
      this.close(socketError(this.#name, error, inHandshake))
    })
    this.#socket.on('close', () => {
      this.#closedByBroker()
    })
  }

  get host(): string {
    return this.#options.host
  }

  get port(): number {
    return this.#options.port
  }

  get closed(): boolean {
    return this.#closeError !== null
  }

  get pendingRequests(): number {
    return this.#inFlight.size + (this.#held?.length ?? 0)
  }

  get lastUsedMs(): number {
    return this.#lastUsedMs
  }

  get apiVersions(): ReadonlyMap<number, ApiVersionRange> {
    return this.#apiVersions
  }

  /** Resolves when the socket is connected, over TLS when the handshake is done. Rejects as requests would. */
  async whenConnected(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('encrypted' in this.#socket ? 'secureConnect' : 'connect', () => {
        resolve()
      })
      void this.whenClosed.then(() => {
        reject(this.#closeError ?? new Error('Closed without a reason'))
      })
    })
  }

  /** Takes over what the broker offers; until then only `requestVersion` works. */
  setApiVersions(apiVersions: ReadonlyMap<number, ApiVersionRange>): void {
    this.#apiVersions = apiVersions
  }

  versionOf(api: ApiMessage<never, unknown>): number | null {
    return this.#versionUpTo(api, api.maxVersion)
  }

  async request<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request,
    options: RequestOptions = {}
  ): Promise<Response> {
    const version = this.#chooseVersion(api, options.maxVersion)
    return await new Promise<Response>((resolve, reject) => {
      const receive = this.#copied(api, version, resolve)
      this.#whenFree(reject, () => {
        this.#exchange(api, version, request, { receive, reject, timeoutMs: options.timeoutMs })
      })
    })
  }

  async requestRetained<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request,
    options: RequestOptions = {}
  ): Promise<RetainedResponse<Response>> {
    const version = this.#chooseVersion(api, options.maxVersion)
    return await new Promise<RetainedResponse<Response>>((resolve, reject) => {
      const receive = this.#retained(api, version, resolve)
      this.#whenFree(reject, () => {
        this.#exchange(api, version, request, { receive, reject, timeoutMs: options.timeoutMs })
      })
    })
  }

  /**
   * Runs `exchange` with the connection to itself: requests made meanwhile are sent when it is done. A broker takes
   * nothing but SASL requests between the first and the last of a re-authentication.
   */
  async exclusively(exchange: () => Promise<void>): Promise<void> {
    this.#held ??= []
    try {
      await exchange()
    } finally {
      this.#sendHeld()
    }
  }

  async requestVersion<Request, Response>(
    api: ApiMessage<Request, Response>,
    version: number,
    request: Request
  ): Promise<Response> {
    return await new Promise<Response>((resolve, reject) => {
      if (this.#closeError !== null) throw this.#closeError
      this.#exchange(api, version, request, { receive: this.#copied(api, version, resolve), reject })
    })
  }

  close(reason?: Error): void {
    if (this.#closeError !== null) return
    this.#closeError = reason ?? new MirrorError('MIRROR_CLOSED', `The connection to ${this.#name} was closed`)
    this.#socket.destroy()
    this.#inFlight.rejectAll(this.#closeError)
    this.#sendHeld()
    this.#closed.resolve(reason ?? null)
  }

  get #name(): string {
    return `${this.#options.host}:${this.#options.port}`
  }

  #chooseVersion(api: ApiMessage<never, unknown>, maxVersion = api.maxVersion): number {
    if (this.#closeError !== null) throw this.#closeError
    const version = this.#versionUpTo(api, maxVersion)
    if (version !== null) return version
    const offered = this.#apiVersions.get(api.key)
    const theirs = offered === undefined ? 'does not offer it' : `offers ${offered.minVersion}-${offered.maxVersion}`
    throw new MirrorError(
      'MIRROR_UNSUPPORTED_VERSION',
      `${api.name} is spoken here in versions ${api.minVersion}-${maxVersion}, but ${this.#name} ${theirs}`
    )
  }

  #versionUpTo(api: ApiMessage<never, unknown>, maxVersion: number): number | null {
    const offered = this.#apiVersions.get(api.key)
    if (offered === undefined) return null
    const version = Math.min(maxVersion, api.maxVersion, offered.maxVersion)
    return version < Math.max(api.minVersion, offered.minVersion) ? null : version
  }

  /** Sends now, or after the exchange that has the connection to itself. */
  #whenFree(reject: (error: Error) => void, send: () => void): void {
    if (this.#held === null) {
      send()
      return
    }
    this.#held.push(() => {
      if (this.#closeError !== null) {
        reject(this.#closeError)
        return
      }
      try {
        send()
      } catch (error) {
        reject(asError(error))
      }
    })
  }

  #sendHeld(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const send of held) send()
  }

  #exchange<Request>(
    api: ApiMessage<Request, unknown>,
    version: number,
    request: Request,
    call: Omit<InFlightRequest, 'apiName' | 'timeoutMs'> & { readonly timeoutMs?: number | undefined }
  ): void {
    const body = encodeBody(api, version, request).chunks()
    const { receive, reject, timeoutMs = this.#options.requestTimeoutMs } = call
    this.#send(api, version, this.#inFlight.add({ apiName: api.name, timeoutMs, receive, reject }), body)
  }

  /** Header and body leave in one system call, the record batches in them from where they are. */
  #send(api: ApiMessage<never, unknown>, version: number, correlationId: number, body: readonly Buffer[]): void {
    const bodyBytes = body.reduce((sum, chunk) => sum + chunk.length, 0)
    this.#socket.cork()
    this.#socket.write(encodeRequestHeader(api, { version, correlationId, clientId: this.#clientId, bodyBytes }))
    for (const chunk of body) this.#socket.write(chunk)
    this.#socket.uncork()
    this.#lastUsedMs = this.#options.clock.monotonic()
  }

  /** Decodes from bytes of its own. */
  #copied<Response>(api: ApiMessage<never, Response>, version: number, resolve: (response: Response) => void) {
    return (frame: Buffer): void => {
      resolve(api.decodeResponse(responseBodyReader(Buffer.from(frame), api, version), version))
    }
  }

  /** Decodes in place and retains, all before anything else can run: see FrameReceiver. */
  #retained<Response>(
    api: ApiMessage<never, Response>,
    version: number,
    resolve: (response: RetainedResponse<Response>) => void
  ) {
    return (frame: Buffer, pooled: FrameMemory): void => {
      const copied = this.#buffers.exhausted
      const bytes = copied ? Buffer.from(frame) : frame
      const memory = copied ? unpooledMemory : pooled
      const response = api.decodeResponse(responseBodyReader(bytes, api, version), version)
      memory.retain()
      resolve({ response, memory })
    }
  }

  #read(count: number): boolean {
    // Bytes of a connection that has been closed in this same turn.
    if (this.#closeError !== null) return false
    this.#lastUsedMs = this.#options.clock.monotonic()
    try {
      this.#receiver.received(count)
    } catch (error) {
      const message = `${this.#name} sent bytes that cannot be understood: ${asError(error).message}`
      this.close(new MirrorError('MIRROR_PROTOCOL', message, { cause: error }))
    }
    return !this.closed
  }

  #closedByBroker(): void {
    // Whoever speaks another security protocol than the listener is cut off at the first request that tells.
    const hint = this.#frames > 1 ? '' : ' right after it was opened: does security.protocol fit the listener?'
    const message = `The broker closed the connection to ${this.#name}${hint}`
    this.close(new MirrorError('MIRROR_NETWORK', message, { retriable: true }))
  }
}

function encodeBody<Request>(api: ApiMessage<Request, unknown>, version: number, request: Request): Writer {
  const writer = new Writer(version >= api.flexibleFrom)
  api.encodeRequest(writer, request, version)
  return writer
}
