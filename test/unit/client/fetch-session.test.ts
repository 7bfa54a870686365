import { expect, test } from 'vitest'
import { FetchCursor } from '../../../src/client/fetch-cursor.ts'
import { FetchSession, type SessionRequest } from '../../../src/client/fetch-session.ts'

const topicId = Buffer.alloc(16, 7)

function cursorOf(topic: string, partition: number, position: bigint): FetchCursor {
  const cursor = new FetchCursor(topic, partition, position)
  cursor.topicId = topicId
  cursor.leaderEpoch = 3
  return cursor
}

const asked = (request: SessionRequest): string[] =>
  request.topics.flatMap(({ name, partitions }) =>
    partitions.map((each) => `${name}-${each.partition}@${each.fetchOffset}`)
  )

test('a first request names everything, the next ones only what moved', () => {
  const session = new FetchSession(1000, false)
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('t', 1, 6n)]
  const first = session.next([a, b])
  expect([first.sessionId, first.sessionEpoch, asked(first)]).toEqual([0, 0, ['t-0@5', 't-1@6']])
  session.accept(77)
  a.position = 9n
  const second = session.next([a, b])
  expect([second.sessionId, second.sessionEpoch, asked(second)]).toEqual([77, 1, ['t-0@9']])
  session.accept(77)
  b.leaderEpoch = 4
  expect(asked(session.next([a, b]))).toEqual(['t-1@6'])
})

test('a partition left out is forgotten by the broker, and named again when it comes back', () => {
  const session = new FetchSession(1000, false)
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('u', 1, 6n)]
  session.next([a, b])
  session.accept(77)
  const without = session.next([a])
  expect(without.forgottenTopics).toEqual([{ name: 'u', topicId, partitions: [1] }])
  expect(session.find('u', topicId, 1)).toBeUndefined()
  session.accept(77)
  expect(asked(session.next([a, b]))).toEqual(['u-1@6'])
})

test('one partition replaced by another in the same request is forgotten and named', () => {
  const session = new FetchSession(1000, false)
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('t', 1, 6n)]
  session.next([a])
  session.accept(77)
  const request = session.next([b])
  expect(asked(request)).toEqual(['t-1@6'])
  expect(request.forgottenTopics).toEqual([{ name: 't', topicId, partitions: [0] }])
})

test('without a session every request names everything, each time beginning with another partition', () => {
  const session = new FetchSession(1000, false)
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('t', 1, 6n)]
  expect(asked(session.next([a, b]))).toEqual(['t-0@5', 't-1@6'])
  session.accept(0)
  expect(asked(session.next([a, b]))).toEqual(['t-1@6', 't-0@5'])
})

test('after a reset a new session is asked for, and the epoch wraps to 1', () => {
  const session = new FetchSession(1000, false)
  const a = cursorOf('t', 0, 5n)
  session.next([a])
  session.accept(77)
  session.reset()
  const request = session.next([a])
  expect([request.sessionId, request.sessionEpoch, asked(request)]).toEqual([0, 0, ['t-0@5']])
})

test('a response finds its cursor by topic id, and by name where brokers have no ids', () => {
  const byId = new FetchSession(1000, false)
  const a = cursorOf('t', 0, 5n)
  byId.next([a])
  a.position = 8n
  expect(byId.find('', topicId, 0)).toEqual({ cursor: a, position: 5n })
  expect(byId.find('', Buffer.alloc(16, 8), 0)).toBeUndefined()
  const byName = new FetchSession(1000, true)
  const b = new FetchCursor('t', 0, 5n)
  byName.next([b])
  expect(byName.find('t', null, 0)?.cursor).toBe(b)
})
