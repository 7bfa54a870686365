import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ApiMessage } from '../../../../src/wire/api-message.ts'
import { produce, type ProduceRequest, type ProduceResponse } from '../../../../src/wire/api/00-produce.ts'
import { fetch, type FetchRequest, type FetchResponse } from '../../../../src/wire/api/01-fetch.ts'
import { listOffsets } from '../../../../src/wire/api/02-list-offsets.ts'
import { metadata } from '../../../../src/wire/api/03-metadata.ts'
import { findCoordinator } from '../../../../src/wire/api/10-find-coordinator.ts'
import { saslHandshake } from '../../../../src/wire/api/17-sasl-handshake.ts'
import { apiVersions } from '../../../../src/wire/api/18-api-versions.ts'
import { initProducerId } from '../../../../src/wire/api/22-init-producer-id.ts'
import { saslAuthenticate } from '../../../../src/wire/api/36-sasl-authenticate.ts'
import { Reader } from '../../../../src/wire/reader.ts'
import { Writer } from '../../../../src/wire/writer.ts'
import { brokerProduce } from '../../../support/scripted-broker/00-produce.ts'
import { brokerFetch } from '../../../support/scripted-broker/01-fetch.ts'
import { brokerListOffsets } from '../../../support/scripted-broker/02-list-offsets.ts'
import { brokerMetadata } from '../../../support/scripted-broker/03-metadata.ts'
import { brokerFindCoordinator } from '../../../support/scripted-broker/10-find-coordinator.ts'
import { brokerSaslHandshake } from '../../../support/scripted-broker/17-sasl-handshake.ts'
import { brokerApiVersions } from '../../../support/scripted-broker/18-api-versions.ts'
import { brokerInitProducerId } from '../../../support/scripted-broker/22-init-producer-id.ts'
import { brokerSaslAuthenticate } from '../../../support/scripted-broker/36-sasl-authenticate.ts'
import { type BrokerApi } from '../../../support/scripted-broker/broker-api.ts'

/**
 * A value may lose on its way what its version cannot carry, and nothing after that: the second trip changes nothing.
 * In the newest version the first changes nothing either, unless the API names the fields it does not carry.
 */
function roundTrips<Request, Response>(
  api: ApiMessage<Request, Response>,
  broker: BrokerApi<Request, Response>,
  values: { request: fc.Arbitrary<Request>; response: fc.Arbitrary<Response> }
): void {
  const version = fc.integer({ min: api.minVersion, max: api.maxVersion })
  const trip = <T>(write: (writer: Writer) => void, read: (reader: Reader) => T, flexible: boolean): T => {
    const writer = new Writer(flexible)
    write(writer)
    const reader = new Reader(writer.toBuffer(), flexible)
    const value = read(reader)
    expect(reader.remaining).toBe(0)
    return value
  }
  const send = (request: Request, at: number): Request =>
    trip(
      (writer) => {
        api.encodeRequest(writer, request, at)
      },
      (reader) => broker.decodeRequest(reader, at),
      at >= api.flexibleFrom
    )
  const answer = (response: Response, at: number): Response =>
    trip(
      (writer) => {
        broker.encodeResponse(writer, response, at)
      },
      (reader) => api.decodeResponse(reader, at),
      at >= api.flexibleFrom
    )

  describe(api.name, () => {
    it('requests come back as they were sent', () => {
      fc.assert(
        fc.property(values.request, version, (request, at) => {
          const received = send(request, at)
          expect(send(received, at)).toEqual(received)
        })
      )
    })

    it('responses come back as they were sent', () => {
      fc.assert(
        fc.property(values.response, version, (response, at) => {
          const received = answer(response, at)
          expect(answer(received, at)).toEqual(received)
          expect(answer(response, api.maxVersion)).toEqual(response)
        })
      )
    })
  })
}

const int16 = fc.integer({ min: -0x8000, max: 0x7fff })
const int32 = fc.integer()
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const nullableText = fc.option(text)
const bytes = fc.uint8Array({ maxLength: 700 }).map((array) => Buffer.from(array))
const topicId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => Buffer.from(id.map((byte) => byte | 1)))
const few = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 3 })
const topicsOf = <T>(partition: fc.Arbitrary<T>): fc.Arbitrary<{ name: string; partitions: T[] }[]> =>
  few(fc.record({ name: text, partitions: few(partition) }))
const currentLeader = fc.option(fc.record({ leaderId: int32, leaderEpoch: int32 }))
const nodeEndpoints = few(fc.record({ nodeId: int32, host: text, port: int32, rack: nullableText }))

const produceRequest: fc.Arbitrary<ProduceRequest> = fc.record({
  transactionalId: nullableText,
  acks: int16,
  timeoutMs: int32,
  topics: topicsOf(fc.record({ partition: int32, records: bytes }))
})
const produceResponse: fc.Arbitrary<ProduceResponse> = fc.record({
  throttleTimeMs: int32,
  nodeEndpoints,
  topics: topicsOf(
    fc.record({
      partition: int32,
      errorCode: int16,
      baseOffset: int64,
      logAppendTimeMs: int64,
      logStartOffset: int64,
      recordErrors: few(fc.record({ batchIndex: int32, message: nullableText })),
      errorMessage: nullableText,
      currentLeader
    })
  )
})
roundTrips(produce, brokerProduce, { request: produceRequest, response: produceResponse })

const fetchRequest: fc.Arbitrary<FetchRequest> = fc.record({
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32,
  isolationLevel: fc.constantFrom(0, 1),
  sessionId: int32,
  sessionEpoch: int32,
  topics: few(
    fc.record({
      name: text,
      topicId,
      partitions: few(
        fc.record({
          partition: int32,
          fetchOffset: int64,
          maxBytes: int32,
          currentLeaderEpoch: int32,
          lastFetchedEpoch: int32
        })
      )
    })
  ),
  forgottenTopics: few(fc.record({ name: text, topicId, partitions: few(int32) })),
  rackId: text
})
const fetchResponse: fc.Arbitrary<FetchResponse> = fc.record({
  throttleTimeMs: int32,
  errorCode: int16,
  sessionId: int32,
  nodeEndpoints,
  topics: few(
    fc.record({
      name: fc.constant(''),
      topicId,
      partitions: few(
        fc.record({
          partition: int32,
          errorCode: int16,
          highWatermark: int64,
          lastStableOffset: int64,
          logStartOffset: int64,
          divergingEpoch: fc.option(fc.record({ epoch: int32, endOffset: int64 })),
          currentLeader,
          abortedTransactions: few(fc.record({ producerId: int64, firstOffset: int64 })),
          preferredReadReplica: int32,
          records: bytes
        })
      )
    })
  )
})
roundTrips(fetch, brokerFetch, { request: fetchRequest, response: fetchResponse })

roundTrips(listOffsets, brokerListOffsets, {
  request: fc.record({
    isolationLevel: fc.constantFrom(0, 1),
    topics: topicsOf(fc.record({ partition: int32, timestamp: int64, currentLeaderEpoch: int32 }))
  }),
  response: fc.record({
    throttleTimeMs: int32,
    topics: topicsOf(
      fc.record({ partition: int32, errorCode: int16, timestamp: int64, offset: int64, leaderEpoch: int32 })
    )
  })
})

roundTrips(metadata, brokerMetadata, {
  request: fc.record({ topics: fc.option(few(text)) }),
  response: fc.record({
    throttleTimeMs: int32,
    brokers: nodeEndpoints,
    clusterId: nullableText,
    controllerId: int32,
    topics: few(
      fc.record({
        errorCode: int16,
        name: text,
        topicId: fc.option(topicId),
        isInternal: fc.boolean(),
        partitions: few(
          fc.record({
            errorCode: int16,
            partition: int32,
            leader: int32,
            leaderEpoch: int32
          })
        )
      })
    )
  })
})

roundTrips(findCoordinator, brokerFindCoordinator, {
  request: fc.record({ key: text, keyType: fc.constantFrom(0, 1) }),
  response: fc.record({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableText,
    nodeId: int32,
    host: text,
    port: int32
  })
})

roundTrips(saslHandshake, brokerSaslHandshake, {
  request: fc.record({ mechanism: text }),
  response: fc.record({ errorCode: int16, mechanisms: few(text) })
})

roundTrips(apiVersions, brokerApiVersions, {
  request: fc.record({ clientSoftwareName: text, clientSoftwareVersion: text }),
  response: fc.record({
    errorCode: int16.filter((code) => code !== 35),
    apiKeys: few(fc.record({ key: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: int32
  })
})

roundTrips(initProducerId, brokerInitProducerId, {
  request: fc.record({
    transactionalId: nullableText,
    transactionTimeoutMs: int32,
    producerId: int64,
    producerEpoch: int16
  }),
  response: fc.record({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 })
})

roundTrips(saslAuthenticate, brokerSaslAuthenticate, {
  request: fc.record({ authBytes: bytes }),
  response: fc.record({ errorCode: int16, errorMessage: nullableText, authBytes: bytes, sessionLifetimeMs: int64 })
})
