import { expect, it } from 'vitest'
import { fetch, fetchMaxVersionByName } from '../../../../src/wire/api/01-fetch.ts'
import { Reader } from '../../../../src/wire/reader.ts'
import { Writer } from '../../../../src/wire/writer.ts'
import { readVectors } from '../../../support/wire-cases/wire-case.ts'

const request = {
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 1024,
  isolationLevel: 0,
  sessionId: 0,
  sessionEpoch: -1,
  topics: [{ name: 'orders', topicId: null, partitions: [] }],
  forgottenTopics: [],
  rackId: ''
}

it('fetches a topic without an id by name, and refuses to do so by id', () => {
  const byName = (): void => {
    fetch.encodeRequest(new Writer(true), request, fetchMaxVersionByName)
  }
  const byId = (): void => {
    fetch.encodeRequest(new Writer(true), request, fetchMaxVersionByName + 1)
  }
  expect(byName).not.toThrow()
  expect(byId).toThrow('orders has none')
})

it('hands out records as views into the frame', () => {
  const vector = readVectors('kafka-4.3.1').find(({ name, version }) => name === 'Fetch' && version === 17)
  const frame = Buffer.from(vector?.response ?? '', 'hex')
  const records = fetch.decodeResponse(new Reader(frame, true), 17).topics[0]?.partitions[0]?.records
  expect(records?.buffer).toBe(frame.buffer)
  expect(records).toHaveLength(10)
})
