import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { type ApiVersionRange } from '../../../src/wire/api-message.ts'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { Reader } from '../../../src/wire/reader.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { brokerMetadata } from './03-metadata.ts'
import { brokerApiVersions } from './18-api-versions.ts'
import { type BrokerApi } from './broker-api.ts'

/** Answer of a handler that closes the connection, perhaps after some bytes of a frame. */
export class Disconnect {
  readonly bytesBefore: Buffer

  constructor(bytesBefore = Buffer.alloc(0)) {
    this.bytesBefore = bytesBefore
  }
}

/** Answer of a handler that writes these bytes instead of a frame. */
export class RawBytes {
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}

class Silence {
  readonly bytes = null
}

/** Answer of a handler that sends nothing, as for Produce with acks=0 or a broker that hangs. */
export const silence = new Silence()

export interface RequestContext {
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly socket: Socket
}

type Answer<Response> = Response | Disconnect | RawBytes | Silence
export type Handler<Request, Response> = (
  request: Request,
  context: RequestContext
) => Answer<Response> | Promise<Answer<Response>>

export interface ScriptedBrokerOptions {
  readonly nodeId?: number
  /** Narrower than what the codecs can, to play an old broker. */
  readonly versions?: ReadonlyMap<number, ApiVersionRange>
  readonly tls?: TlsOptions
}

interface ControlledApi {
  readonly range: ApiVersionRange
  readonly flexibleFrom: number
  /** Bytes to be sent, or null for none. */
  respond(reader: Reader, context: RequestContext): Promise<Buffer | Disconnect | null>
}

/**
 * A broker on a loopback port whose answers a test decides. It takes one request of a connection after the other, as a
 * real one does: a handler that waits holds up what comes behind it. ApiVersions is answered from what is controlled;
 * Metadata by default with this one broker, and the topics of `topics`.
 */
export class ScriptedBroker {
  readonly nodeId: number
  /** Topic to partition count, for the default Metadata answer. Others are UNKNOWN_TOPIC_OR_PARTITION. */
  readonly topics = new Map<string, number>()
  /** Keys of the requests taken, in order. */
  readonly received: number[] = []
  /** Requests that no handler was there for, or whose handler threw; their connections were closed. */
  readonly failures: Error[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #apis = new Map<number, ControlledApi>()
  readonly #versions: ReadonlyMap<number, ApiVersionRange>
  readonly #watchers = new Set<() => void>()

  private constructor(options: ScriptedBrokerOptions) {
    this.nodeId = options.nodeId ?? 0
    this.#versions = options.versions ?? new Map<number, ApiVersionRange>()
    const serve = (socket: Socket): void => {
      this.#serve(socket)
    }
    this.#server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve)
    this.control(brokerApiVersions, () => ({ errorCode: 0, throttleTimeMs: 0, apiKeys: this.#apiKeys() }))
    this.control(brokerMetadata, ({ topics }) => this.#describeTopics(topics))
  }

  static async start(options: ScriptedBrokerOptions = {}): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(options)
    await new Promise<void>((resolve, reject) => {
      broker.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return broker
  }

  get host(): string {
    return '127.0.0.1'
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The scripted broker does not listen')
    return address.port
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Answers requests of this API by `handler` from now on. */
  control<Request, Response>(api: BrokerApi<Request, Response>, handler: Handler<Request, Response>): void {
    this.#apis.set(api.key, {
      range: this.#versions.get(api.key) ?? api,
      flexibleFrom: api.flexibleFrom,
      async respond(reader, context) {
        const answer = await handler(api.decodeRequest(reader, context.version), context)
        if (answer instanceof Disconnect) return answer
        if (answer instanceof RawBytes || answer instanceof Silence) return answer.bytes
        return encodeFrame(api, answer, context)
      }
    })
  }

  /** Resolves when `count` requests of this key have been taken since the start. */
  async whenReceived(key: number, count = 1): Promise<void> {
    await this.#when(() => this.received.filter((taken) => taken === key).length >= count)
  }

  /** Resolves when this many connections are open. */
  async whenConnections(count: number): Promise<void> {
    await this.#when(() => this.#sockets.size === count)
  }

  /** Cuts all connections; new ones are accepted. */
  disconnectAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => {
        resolve()
      })
    )
    this.disconnectAll()
    await closed
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    this.#changed()
    let pending = Buffer.alloc(0)
    let previous = Promise.resolve()
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#changed()
    })
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const end = 4 + pending.readInt32BE(0)
        const frame = pending.subarray(4, end)
        pending = pending.subarray(end)
        previous = previous.then(async () => {
          await this.#take(frame, socket)
        })
      }
    })
  }

  async #take(frame: Buffer, socket: Socket): Promise<void> {
    try {
      const answer = await this.#answer(frame, socket)
      if (answer instanceof Disconnect) socket.end(answer.bytesBefore, () => socket.destroy())
      else if (answer !== null && !socket.destroyed) socket.write(answer)
    } catch (error) {
      this.failures.push(error instanceof Error ? error : new Error(String(error)))
      socket.destroy()
    }
  }

  async #answer(frame: Buffer, socket: Socket): Promise<Buffer | Disconnect | null> {
    const header = new Reader(frame)
    const [key, version, correlationId] = [header.int16(), header.int16(), header.int32()]
    const context = { version, correlationId, clientId: header.nullableString(), socket }
    this.received.push(key)
    this.#changed()
    const api = this.#apis.get(key)
    if (api === undefined) throw new Error(`The scripted broker has no handler for API key ${key}`)
    if (version < api.range.minVersion || version > api.range.maxVersion) {
      if (key !== brokerApiVersions.key) throw new Error(`API key ${key} is not offered in version ${version}`)
      const refusal = { errorCode: brokerErrors.UNSUPPORTED_VERSION, throttleTimeMs: 0, apiKeys: this.#apiKeys() }
      return encodeFrame(brokerApiVersions, refusal, { ...context, version: 0 })
    }
    const body = new Reader(frame, version >= api.flexibleFrom, header.offset)
    body.skipTags()
    return await api.respond(body, context)
  }

  #apiKeys(): { key: number; minVersion: number; maxVersion: number }[] {
    return Array.from(this.#apis, ([key, { range }]) => ({
      key,
      minVersion: range.minVersion,
      maxVersion: range.maxVersion
    }))
  }

  #describeTopics(asked: readonly string[] | null) {
    const topics = (asked ?? [...this.topics.keys()]).map((name) => {
      const count = this.topics.get(name)
      const errorCode = count === undefined ? brokerErrors.UNKNOWN_TOPIC_OR_PARTITION : brokerErrors.NONE
      const partitions = Array.from({ length: count ?? 0 }, (_, partition) => ({
        errorCode: 0,
        partition,
        leader: this.nodeId,
        leaderEpoch: 0
      }))
      return { errorCode, name, topicId: topicIdOf(name), isInternal: false, partitions }
    })
    const brokers = [{ nodeId: this.nodeId, host: this.host, port: this.port, rack: null }]
    return { throttleTimeMs: 0, brokers, clusterId: 'scripted', controllerId: this.nodeId, topics }
  }

  async #when(condition: () => boolean): Promise<void> {
    if (condition()) return
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!condition()) return
        this.#watchers.delete(check)
        resolve()
      }
      this.#watchers.add(check)
    })
  }

  #changed(): void {
    for (const check of this.#watchers) check()
  }
}

/** The id that the default Metadata answer gives a topic. */
function topicIdOf(name: string): Buffer {
  const id = Buffer.alloc(16, 1)
  id.write(name)
  return id
}

function encodeFrame<Response>(
  api: Pick<BrokerApi<never, Response>, 'key' | 'flexibleFrom' | 'encodeResponse'>,
  response: Response,
  { version, correlationId }: { version: number; correlationId: number }
): Buffer {
  const writer = new Writer(version >= api.flexibleFrom)
  writer.int32(0).int32(correlationId)
  if (api.key !== brokerApiVersions.key) writer.noTags()
  api.encodeResponse(writer, response, version)
  const frame = writer.toBuffer()
  frame.writeInt32BE(frame.length - 4, 0)
  return frame
}
