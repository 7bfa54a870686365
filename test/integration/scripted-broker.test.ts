import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ApiMessage } from '../../src/wire/api-message.ts'
import { metadata } from '../../src/wire/api/03-metadata.ts'
import { apiVersions } from '../../src/wire/api/18-api-versions.ts'
import { initProducerId } from '../../src/wire/api/22-init-producer-id.ts'
import { encodeRequestHeader, responseBodyReader } from '../../src/wire/request-header.ts'
import { Writer } from '../../src/wire/writer.ts'
import { brokerInitProducerId } from '../support/scripted-broker/22-init-producer-id.ts'
import { Disconnect, ScriptedBroker } from '../support/scripted-broker/scripted-broker.ts'

let broker: ScriptedBroker
let socket: Socket

beforeEach(async () => {
  broker = await ScriptedBroker.start({ versions: new Map([[18, { minVersion: 0, maxVersion: 2 }]]) })
  socket = connect(broker.port, broker.host)
})

afterEach(async () => {
  socket.destroy()
  await broker.close()
})

async function ask<Request, Response>(
  api: ApiMessage<Request, Response>,
  request: Request,
  version: number
): Promise<Response> {
  const body = new Writer(version >= api.flexibleFrom)
  api.encodeRequest(body, request, version)
  const header = { version, correlationId: 7, clientId: Buffer.from('test'), bodyBytes: body.length }
  socket.write(Buffer.concat([encodeRequestHeader(api, header), body.toBuffer()]))
  const frame = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  return api.decodeResponse(responseBodyReader(frame.subarray(4), api, version), version)
}

it('offers what is controlled, and refuses a newer ApiVersions as brokers do', async () => {
  const hello = { clientSoftwareName: 'x', clientSoftwareVersion: '1' }
  const refused = await ask(apiVersions, hello, 3)
  expect(refused).toMatchObject({ errorCode: 35, apiKeys: [{ key: 18, maxVersion: 2 }, { key: 3 }] })
  expect(await ask(apiVersions, hello, 2)).toMatchObject({ errorCode: 0 })
})

it('describes itself and the topics it was given', async () => {
  broker.topics.set('orders', 2)
  const answer = await ask(metadata, { topics: ['orders', 'missing'] }, 12)
  expect(answer.brokers).toEqual([{ nodeId: 0, host: broker.host, port: broker.port, rack: null }])
  expect(answer.topics.map(({ errorCode, partitions }) => [errorCode, partitions.length])).toEqual([
    [0, 2],
    [3, 0]
  ])
})

it('answers as scripted until told to cut the connection', async () => {
  const request = { transactionalId: null, transactionTimeoutMs: 1, producerId: -1n, producerEpoch: -1 }
  broker.control(brokerInitProducerId, (_, { version, clientId }) =>
    broker.received.length > 1
      ? new Disconnect()
      : { throttleTimeMs: version, errorCode: 0, producerId: BigInt(clientId?.length ?? 0), producerEpoch: 1 }
  )
  expect(await ask(initProducerId, request, 4)).toMatchObject({ throttleTimeMs: 4, producerId: 4n })
  const closed = once(socket, 'close')
  ask(initProducerId, request, 4).catch(() => undefined)
  await closed
  await broker.whenConnections(0)
  expect(broker.failures).toEqual([])
})
