import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type ApiMessage } from '../../../src/wire/api-message.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { type Connection, type ConnectionOptions } from '../../../src/net/connection.ts'
import { openConnection } from '../../../src/net/open-connection.ts'
import { ManualClock, settle } from '../../support/manual-clock.ts'
import { type BrokerApi } from '../../support/scripted-broker/broker-api.ts'
import { Disconnect, RawBytes, ScriptedBroker, silence } from '../../support/scripted-broker/scripted-broker.ts'

/** An API of our own: the broker sends back what it gets. Flexible from v2 on. */
const echo: ApiMessage<Buffer, Buffer> & BrokerApi<Buffer, Buffer> = {
  key: 1000,
  name: 'Echo',
  minVersion: 1,
  maxVersion: 2,
  flexibleFrom: 2,
  encodeRequest: (writer, request) => writer.bytes(request).noTags(),
  decodeResponse: (reader) => reader.bytes(),
  decodeRequest: (reader) => reader.bytes(),
  encodeResponse: (writer, response) => writer.bytes(response).noTags()
}

const clock = new ManualClock()
const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function startBroker(options: Parameters<typeof ScriptedBroker.start>[0] = {}): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.start(options)
  broker.control(echo, (request) => request)
  opened.push(broker)
  return broker
}

async function open(port: number, changes: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const connection = await openConnection({
    host: '127.0.0.1',
    port,
    clientId: 'ünit',
    security: { protocol: 'PLAINTEXT', tls: null, sasl: null },
    connectTimeoutMs: 1_000,
    requestTimeoutMs: 30_000,
    kind: 'data',
    maxFrameBytes: 10_000_000,
    clock,
    logger: silentLogger,
    ...changes
  })
  opened.push(connection)
  return connection
}

/** A server that hangs, or says only this. */
async function listen(greeting?: Buffer): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (greeting !== undefined) socket.write(greeting)
    opened.push({ close: () => socket.destroy() })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(server)
  return (server.address() as AddressInfo).port
}

describe('opening', () => {
  test('learns what the broker offers and uses the newest version both have', async () => {
    const connection = await open((await startBroker()).port)
    expect(connection.apiVersions.get(echo.key)).toEqual({ minVersion: 1, maxVersion: 2 })
    expect(connection.versionOf(echo)).toBe(2)
    expect(connection.versionOf({ ...echo, maxVersion: 1 })).toBe(1)
    expect(connection.versionOf({ ...echo, minVersion: 3, maxVersion: 4 })).toBe(null)
    expect(connection.versionOf({ ...echo, key: 1001 })).toBe(null)
    await expect(connection.request({ ...echo, minVersion: 3, maxVersion: 4 }, Buffer.alloc(1))).rejects.toMatchObject({
      code: 'MIRROR_UNSUPPORTED_VERSION',
      message: expect.stringMatching(/Echo .* 3-4, but 127.0.0.1:\d+ offers 1-2/) as string
    })
  })

  test('a broker that knows no ApiVersions v3 is asked again in v0', async () => {
    const broker = await startBroker({ versions: new Map([[18, { minVersion: 0, maxVersion: 2 }]]) })
    const connection = await open(broker.port)
    expect(broker.received).toEqual([18, 18])
    expect(connection.versionOf(echo)).toBe(2)
  })

  test('a name with several addresses is connected to at the one that listens', async () => {
    const connection = await open((await startBroker()).port, { host: 'localhost' })
    expect(await connection.request(echo, Buffer.from('x'))).toEqual(Buffer.from('x'))
  })

  test('a port where nobody listens is worth another try', async () => {
    const broker = await ScriptedBroker.start()
    const { port } = broker
    await broker.close()
    for (const host of ['127.0.0.1', 'localhost']) {
      await expect(open(port, { host })).rejects.toMatchObject({
        code: 'MIRROR_NETWORK',
        retriable: true,
        message: expect.stringMatching(new RegExp(`${host}:${port} .*ECONNREFUSED`)) as string
      })
    }
  })

  test('a peer that says nothing is given up after the connect timeout', async () => {
    const port = await listen()
    const opening = expect(open(port)).rejects.toMatchObject({
      code: 'MIRROR_TIMEOUT',
      retriable: true,
      message: `127.0.0.1:${port} did not complete the exchange of API versions within 1000 ms`
    })
    await expect.poll(() => opened.length).toBe(2)
    await settle()
    await clock.advance(1_000)
    await opening
  })

  test('a peer that does not speak Kafka is told by what it says', async () => {
    await expect(open(await listen(Buffer.from('HTTP/1.1 400 Bad Request\r\n')))).rejects.toMatchObject({
      code: 'MIRROR_PROTOCOL',
      message: expect.stringMatching(/127\.0\.0\.1:\d+ .*speaks HTTP/) as string
    })
  })
})

describe('requests', () => {
  test.each(['data', 'control'] as const)('on a %s connection many at once find their responses', async (kind) => {
    const connection = await open((await startBroker()).port, { kind })
    const sizes = [1, 600, 100_000, 3, 2_000_000, 70_000, 0, 5_000_000, 9]
    const payloads = sizes.map((size, index) => Buffer.alloc(size, index + 1))
    const answers = payloads.map(async (payload) => await connection.request(echo, payload))
    expect(connection.pendingRequests).toBe(sizes.length)
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(answer.equals(payloads[index] ?? Buffer.alloc(0))).toBe(true)
    }
    expect(connection.pendingRequests).toBe(0)
  })

  test('a response that comes byte by byte is put together', async () => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    broker.control(echo, async (_, { correlationId, socket }) => {
      const frame = frameOf(correlationId, Buffer.from([0, 4, 7, 8, 9, 0]))
      socket.setNoDelay(true)
      for (const byte of frame) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve))
      return silence
    })
    expect(await connection.request(echo, Buffer.alloc(0))).toEqual(Buffer.from([7, 8, 9]))
  })

  test('the bytes of a retained response stay until it is released, those of a plain one for ever', async () => {
    const connection = await open((await startBroker()).port)
    const kept = await connection.requestRetained(echo, Buffer.alloc(900_000, 1))
    const copy = await connection.request(echo, Buffer.alloc(900_000, 2))
    for (let round = 0; round < 20; round++) {
      const { response, memory } = await connection.requestRetained(echo, Buffer.alloc(900_000, 3))
      expect(response.every((byte) => byte === 3)).toBe(true)
      memory.release()
    }
    expect(kept.response.every((byte) => byte === 1)).toBe(true)
    expect(copy.every((byte) => byte === 2)).toBe(true)
    kept.memory.release()
  })

  test('of responses that nobody releases more than the pool may pin is copied out, and all stay as they were', async () => {
    const connection = await open((await startBroker()).port, { kind: 'control' })
    const held = []
    for (let index = 0; index < 30; index++) {
      held.push(await connection.requestRetained(echo, Buffer.alloc(40_000, index)))
    }
    for (const [index, { response }] of held.entries()) expect(response.every((byte) => byte === index)).toBe(true)
    const memories = new Set(held.map(({ response }) => response.buffer))
    // Pooled buffers are shared by frames or as long as the pool makes them; copies have their own length.
    expect([...memories].filter((memory) => memory.byteLength === 65_536).length).toBeLessThanOrEqual(5)
  })

  test('maxVersion holds a request back', async () => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    const versions: number[] = []
    broker.control(echo, (request, { version, clientId }) => {
      versions.push(version)
      expect(clientId).toBe('ünit')
      return request
    })
    await connection.request(echo, Buffer.from('a'))
    await connection.request(echo, Buffer.from('a'), { maxVersion: 1 })
    expect(versions).toEqual([2, 1])
  })
})

describe('the end of a connection', () => {
  test('a missed deadline closes the socket and fails everything on it', async () => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    broker.control(echo, () => silence)
    const late = {
      code: 'MIRROR_TIMEOUT',
      retriable: true,
      message: expect.stringContaining('Echo within 500 ms') as string
    }
    const expectations = [
      expect(connection.request(echo, Buffer.alloc(1))).rejects.toMatchObject(late),
      expect(connection.request(echo, Buffer.alloc(1), { timeoutMs: 500 })).rejects.toMatchObject(late),
      expect(connection.request(echo, Buffer.alloc(1))).rejects.toMatchObject(late)
    ]
    // One for all, and those of earlier connections are gone.
    expect(clock.pendingTimers).toBe(1)
    await clock.advance(499)
    expect(connection.closed).toBe(false)
    await clock.advance(1)
    await Promise.all(expectations)
    expect(await connection.whenClosed).toMatchObject(late)
    await broker.whenConnections(0)
    await expect(connection.request(echo, Buffer.alloc(1))).rejects.toMatchObject(late)
    expect(clock.pendingTimers).toBe(0)
  })

  test('close rejects what is pending and what comes later, once', async () => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    broker.control(echo, () => silence)
    const pending = expect(connection.request(echo, Buffer.alloc(1))).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    connection.close()
    connection.close(new Error('too late'))
    await pending
    expect(await connection.whenClosed).toBe(null)
    await expect(connection.requestRetained(echo, Buffer.alloc(1))).rejects.toMatchObject({ code: 'MIRROR_CLOSED' })
    await broker.whenConnections(0)
  })

  test('a broker that hangs up amid a response fails the request in a way worth another try', async () => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    await connection.request(echo, Buffer.alloc(1))
    broker.control(echo, () => new Disconnect(Buffer.from([0, 0, 1, 0, 0])))
    await expect(connection.request(echo, Buffer.alloc(1))).rejects.toMatchObject({
      code: 'MIRROR_NETWORK',
      retriable: true,
      message: `The broker closed the connection to 127.0.0.1:${broker.port}`
    })
  })

  const malformed: [string, (correlationId: number) => Buffer, RegExp][] = [
    ['a frame that is too long', () => Buffer.from([0x7f, 0, 0, 0]), /Frame of 2130706432 bytes/],
    ['a negative length', () => Buffer.from([0x80, 0, 0, 0]), /Frame of -2147483648 bytes/],
    ['no correlation id', () => Buffer.from([0, 0, 0, 2, 0, 0]), /no correlation id/],
    ['another correlation id', (id) => frameOf(id + 1000, Buffer.from([0, 1, 0])), /nobody waits for/],
    ['a body that ends early', (id) => frameOf(id, Buffer.from([0, 50, 0])), /Echo response .* malformed/]
  ]

  test.each(malformed)('%s closes it', async (_, bytes, expected) => {
    const broker = await startBroker()
    const connection = await open(broker.port)
    broker.control(echo, (_request, { correlationId }) => new RawBytes(bytes(correlationId)))
    const requests = [connection.request(echo, Buffer.alloc(1)), connection.requestRetained(echo, Buffer.alloc(1))]
    for (const request of requests) {
      await expect(request).rejects.toMatchObject({
        code: 'MIRROR_PROTOCOL',
        retriable: false,
        message: expect.stringMatching(expected) as string
      })
    }
    await broker.whenConnections(0)
  })

  test('a request that cannot be encoded fails alone', async () => {
    const connection = await open((await startBroker()).port)
    const unencodable = {
      ...echo,
      encodeRequest: () => {
        throw new RangeError('too long')
      }
    }
    await expect(connection.request(unencodable, Buffer.alloc(1))).rejects.toThrow('too long')
    expect(connection.pendingRequests).toBe(0)
    expect(await connection.request(echo, Buffer.from('x'))).toEqual(Buffer.from('x'))
  })
})

/** A response frame; `body` with the tags of the header. */
function frameOf(correlationId: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  head.writeInt32BE(correlationId, 4)
  return Buffer.concat([head, body])
}
