import { MirrorError } from '../../../src/base/errors.ts'
import { type Connection, type RetainedResponse } from '../../../src/net/connection.ts'
import { type ApiMessage, type ApiVersionRange } from '../../../src/wire/api-message.ts'
import { Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { deferred } from '../../../src/base/deferred.ts'

/** Answers one request given as bytes; null: never. May close the connection meanwhile. */
export type AnswerRequest = (key: number, version: number, body: Buffer) => Promise<Buffer | null>

/** A connection to a broker that is a function. As brokers do, it handles one request after the other. */
export class FakeConnection implements Connection {
  readonly host = 'fake'
  readonly port: number
  readonly lastUsedMs = 0
  readonly apiVersions: ReadonlyMap<number, ApiVersionRange> = new Map()
  readonly #version: number | null
  readonly #answer: AnswerRequest
  readonly #closed = deferred<Error | null>()
  readonly #pending = new Set<(error: Error) => void>()
  #turn: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(port: number, version: number | null, answer: AnswerRequest) {
    this.port = port
    this.#version = version
    this.#answer = answer
  }

  get closed(): boolean {
    return this.#isClosed
  }

  get whenClosed(): Promise<Error | null> {
    return this.#closed.promise
  }

  get pendingRequests(): number {
    return this.#pending.size
  }

  versionOf(): number | null {
    return this.#version
  }

  async request<Request, Response>(api: ApiMessage<Request, Response>, request: Request): Promise<Response> {
    const version = this.#version
    if (this.#isClosed || version === null) throw new MirrorError('MIRROR_NETWORK', 'closed', { retriable: true })
    const flexible = version >= api.flexibleFrom
    const body = this.#encode(api, request, version)
    const outcome = deferred<Response>()
    this.#pending.add(outcome.reject)
    this.#turn = this.#turn.then(async () => {
      const answer = this.#isClosed ? null : await this.#answer(api.key, version, body)
      if (answer === null || this.closed) return
      this.#pending.delete(outcome.reject)
      outcome.resolve(api.decodeResponse(new Reader(answer, flexible), version))
    })
    return await outcome.promise
  }

  async requestRetained<Request, Response>(
    api: ApiMessage<Request, Response>,
    request: Request
  ): Promise<RetainedResponse<Response>> {
    const response = await this.request(api, request)
    return { response, memory: { retain: () => undefined, release: () => undefined } }
  }

  sendOneWay<Request>(api: ApiMessage<Request, unknown>, request: Request): void {
    const version = this.#version ?? 0
    const body = this.#encode(api, request, version)
    this.#turn = this.#turn.then(async () => {
      if (!this.#isClosed) await this.#answer(api.key, version, body)
    })
  }

  close(reason?: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closed.resolve(reason ?? null)
    const error = new MirrorError('MIRROR_NETWORK', 'the connection was cut', { retriable: true, cause: reason })
    for (const reject of this.#pending) reject(error)
    this.#pending.clear()
  }

  #encode<Request>(api: ApiMessage<Request, unknown>, request: Request, version: number): Buffer {
    const writer = new Writer(version >= api.flexibleFrom)
    api.encodeRequest(writer, request, version)
    return writer.toBuffer()
  }
}
