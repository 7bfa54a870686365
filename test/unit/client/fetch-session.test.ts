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

function openSession(cursors: readonly FetchCursor[], byName = false): FetchSession {
  const session = new FetchSession(1000, byName)
  for (const cursor of cursors) session.ask(cursor)
  return session
}

const asked = (request: SessionRequest): string[] =>
  request.topics.flatMap(({ name, partitions }) =>
    partitions.map((each) => `${name}-${each.partition}@${each.fetchOffset}`)
  )

test('a first request names everything, the next ones only what moved', () => {
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('t', 1, 6n)]
  const session = openSession([a, b])
  const first = session.next()
  expect([first.sessionId, first.sessionEpoch, asked(first)]).toEqual([0, 0, ['t-0@5', 't-1@6']])
  session.accept(77)
  a.position = 9n
  session.ask(a)
  session.ask(b)
  const second = session.next()
  expect([second.sessionId, second.sessionEpoch, asked(second)]).toEqual([77, 1, ['t-0@9']])
  session.accept(77)
  b.leaderEpoch = 4
  session.ask(b)
  expect(asked(session.next())).toEqual(['t-1@6'])
})

test('a partition is named again when its position was reset to where it was, or the epoch last read was forgotten', () => {
  const a = cursorOf('t', 0, 5n)
  a.lastFetchedEpoch = 2
  const session = openSession([a])
  session.next()
  session.accept(77)
  a.resetTo(5n)
  expect(session.find('t', topicId, 0)).toBeUndefined()
  session.ask(a)
  expect(session.next().topics[0]?.partitions).toMatchObject([{ fetchOffset: 5n, lastFetchedEpoch: -1 }])
  expect(session.find('t', topicId, 0)?.cursor).toBe(a)
})

test('a partition left out is forgotten by the broker, and named again when it comes back', () => {
  const [a, b] = [cursorOf('t', 0, 5n), cursorOf('u', 1, 6n)]
  const session = openSession([a, b])
  session.next()
  session.accept(77)
  session.drop(b)
  expect(session.find('u', topicId, 1)).toBeUndefined()
  const without = session.next()
  expect(without.forgottenTopics).toEqual([{ name: 'u', topicId, partitions: [1] }])
  session.accept(77)
  session.ask(b)
  expect(asked(session.next())).toEqual(['u-1@6'])
})

test('a partition that is left out and taken back at once is named and not forgotten', () => {
  const a = cursorOf('t', 0, 5n)
  const session = openSession([a])
  session.next()
  session.accept(77)
  session.drop(a)
  session.ask(a)
  const request = session.next()
  expect([asked(request), request.forgottenTopics]).toEqual([['t-0@5'], []])
})

test('a topic created anew is asked for by its new id, and the old id is forgotten', () => {
  const a = cursorOf('t', 0, 0n)
  const session = openSession([a])
  session.next()
  session.accept(77)
  a.topicId = Buffer.alloc(16, 8)
  session.ask(a)
  const request = session.next()
  expect(request.topics).toMatchObject([{ topicId: a.topicId, partitions: [{ partition: 0 }] }])
  expect(request.forgottenTopics).toEqual([{ name: 't', topicId, partitions: [0] }])
  expect(session.find('', topicId, 0)).toBeUndefined()
  expect(session.find('', a.topicId, 0)?.cursor).toBe(a)
})

test('without a session every request names everything, each time beginning with another partition', () => {
  const session = openSession([cursorOf('t', 0, 5n), cursorOf('t', 1, 6n)])
  expect(asked(session.next())).toEqual(['t-0@5', 't-1@6'])
  session.accept(0)
  expect(asked(session.next())).toEqual(['t-1@6', 't-0@5'])
})

test('after a reset a new session is asked for', () => {
  const session = openSession([cursorOf('t', 0, 5n)])
  session.next()
  session.accept(77)
  session.reset()
  const request = session.next()
  expect([request.sessionId, request.sessionEpoch, asked(request)]).toEqual([0, 0, ['t-0@5']])
})

test('a response finds its cursor by topic id, or by name, while its position is the one asked for', () => {
  const a = cursorOf('t', 0, 5n)
  const byId = openSession([a])
  byId.next()
  expect(byId.find('', topicId, 0)).toEqual({ cursor: a, position: 5n })
  expect(byId.find('', Buffer.alloc(16, 8), 0)).toBeUndefined()
  a.position = 8n
  expect(byId.find('', topicId, 0)).toBeUndefined()
  const b = cursorOf('t', 0, 5n)
  const byName = openSession([b], true)
  byName.next()
  expect(byName.find('t', null, 0)?.cursor).toBe(b)
})

test('says that it needs names as long as a partition has no topic id', () => {
  const [a, b] = [cursorOf('t', 0, 5n), new FetchCursor('u', 0, 5n)]
  const session = openSession([a, b])
  expect(session.needsNames).toBe(true)
  b.topicId = Buffer.alloc(16, 8)
  session.ask(b)
  expect(session.needsNames).toBe(false)
})
