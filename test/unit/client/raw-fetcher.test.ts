import { afterEach, describe, expect, test } from 'vitest'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { FetcherBench, type FetcherBenchOptions } from '../../support/fake-source/fetcher-bench.ts'

let bench: FetcherBench

function open(options: FetcherBenchOptions = {}): FetcherBench {
  bench = new FetcherBench(options)
  return bench
}

/** Whatever happened: nothing is left in memory once all is released. */
afterEach(async () => {
  await bench.close()
  expect([bench.budget.usedBytes, bench.source.retained]).toEqual([0, 0])
  expect(bench.fetcher.cursors.map(({ outstandingBytes }) => outstandingBytes).every((bytes) => bytes === 0)).toBe(true)
})

describe.each([
  ['by topic id', 13],
  ['by name', 12],
  ['without sessions', 6]
])('a fetcher %s', (_, fetchVersion) => {
  test('follows moved leaders, lost connections and lost sessions without loss or repetition', async () => {
    const { source, clock } = open({ fetchVersion })
    const log = source.add('t-0')
    source.add('t-1', 2)
    bench.assign('t-0', 't-1')
    const expected: string[] = []
    for (let round = 0; round < 12; round++) {
      const values = [`${round}a`, `${round}b`]
      expected.push(...values)
      await source.append('t-0', values)
      await clock.advance(7)
      if (round % 3 === 0) log.elect(1 + (round % 2))
      if (round % 4 === 1) source.sessions.loseAll()
      if (round % 4 === 2) source.cutConnections()
      if (round % 4 === 3) source.fetchErrors.push(brokerErrors.FETCH_SESSION_TOPIC_ID_ERROR)
      source.wake()
    }
    await bench.until('all is read', () => bench.values('t-0').length === expected.length)
    expect(bench.values('t-0')).toEqual(expected)
    expect(bench.fetcher.cursors[0]?.position).toBe(24n)
    expect(bench.events).toEqual([])
  })
})

test('a topic created anew is read from its start, whatever was read of the old one', async () => {
  const { source } = open({ settings: { autoOffsetReset: 'latest' } })
  const log = source.add('t-0')
  await source.append('t-0', ['old 0', 'old 1'])
  bench.assign('t-0')
  await bench.until('the old topic is read', () => bench.values('t-0').length === 2)
  log.recreate()
  await source.append('t-0', ['new 0', 'new 1', 'new 2'])
  await bench.until('the new one is read', () => bench.values('t-0').length === 5)
  expect(bench.values('t-0').slice(2)).toEqual(['new 0', 'new 1', 'new 2'])
  expect(bench.events).toEqual(['recreated t-0 2--1'])
  const { length } = source.fetches
  await bench.clock.advance(5_000)
  expect(source.fetches.length - length).toBeLessThan(12)
})

test('without topic ids a topic created anew is noticed by its shorter log, also when its epochs start over', async () => {
  const { source, clock } = open({ fetchVersion: 11 })
  const log = source.add('t-0')
  for (let round = 0; round < 3; round++) log.elect(1)
  await source.append('t-0', ['old 0', 'old 1', 'old 2'])
  bench.assign('t-0')
  await bench.until('the old topic is read', () => bench.values('t-0').length === 3)
  log.recreate()
  await source.append('t-0', ['new 0'])
  await bench.until('the new one is read', () => bench.values('t-0').length === 4)
  expect(bench.events).toEqual(['truncated t-0 1-3'])
  await clock.advance(1_000)
})

test('a position below the log goes on at its start and tells what is missing', async () => {
  const { source } = open()
  const log = source.add('t-0')
  for (const value of ['a', 'b', 'c']) await source.append('t-0', [value])
  log.deleteBatches(2)
  bench.assign('t-0')
  await bench.until('the rest is read', () => bench.values('t-0').length === 1)
  expect([bench.values('t-0'), bench.events]).toEqual([['c'], ['retention t-0 0-2']])
})

test('a log that lost what was read is read again from where the logs part', async () => {
  const { source } = open()
  const log = source.add('t-0')
  for (const value of ['a', 'b', 'c']) await source.append('t-0', [value])
  bench.assign('t-0')
  await bench.until('all is read', () => bench.values('t-0').length === 3)
  log.loseBatches(1)
  for (const value of ['B', 'C', 'D', 'E']) await source.append('t-0', [value])
  await bench.until('the other history is read', () => bench.values('t-0').length === 7)
  expect(bench.values('t-0').slice(3)).toEqual(['B', 'C', 'D', 'E'])
  expect(bench.events).toEqual(['truncated t-0 1-3'])
})

test('where the logs part is found also when the new one has outgrown the position before it is looked at', async () => {
  const { source } = open()
  const log = source.add('t-0')
  for (const value of ['a', 'b']) await source.append('t-0', [value])
  bench.assign('t-0')
  await bench.until('all is read', () => bench.values('t-0').length === 2)
  // The broker still finds the log too short; when it is asked for its end, that is beyond the position.
  log.errors.push(brokerErrors.OFFSET_OUT_OF_RANGE)
  log.loseBatches(1)
  for (const value of ['B', 'C', 'D']) await source.append('t-0', [value])
  await bench.until('the other history is read', () => bench.values('t-0').length === 5)
  expect(bench.values('t-0').slice(2)).toEqual(['B', 'C', 'D'])
  expect(bench.events).toEqual(['truncated t-0 1-2'])
})

test('without topic ids a topic created anew that has outgrown the old one is read from its start', async () => {
  const { source, clock } = open({ fetchVersion: 12 })
  const log = source.add('t-0')
  for (let round = 0; round < 3; round++) log.elect(1)
  for (const value of ['old 0', 'old 1']) await source.append('t-0', [value])
  bench.assign('t-0')
  await bench.until('the old topic is read', () => bench.values('t-0').length === 2)
  log.recreate()
  log.topicId = null
  for (const value of ['new 0', 'new 1', 'new 2']) await source.append('t-0', [value])
  await bench.until('the new one is read', () => bench.values('t-0').length === 5)
  expect(bench.values('t-0').slice(2)).toEqual(['new 0', 'new 1', 'new 2'])
  expect(bench.events).toEqual(['truncated t-0 0-2'])
  await clock.advance(1_000)
})

test('a position that was out of range now and then, and was not, is kept', async () => {
  const { source, clock } = open()
  const log = source.add('t-0')
  await source.append('t-0', ['a'])
  bench.assign('t-0')
  for (let round = 0; round < 3; round++) {
    log.errors.push(brokerErrors.OFFSET_OUT_OF_RANGE)
    source.wake()
    await clock.advance(12_000)
  }
  expect(log.errors).toEqual([])
  expect([bench.values('t-0'), bench.events]).toEqual([['a'], []])
})

test('a follower that the leader prefers is read from, and its death survived', async () => {
  const { source } = open({ settings: { clientRack: 'b' } })
  const log = source.add('t-0')
  log.follower = 2
  await source.append('t-0', ['a'])
  const [cursor] = bench.assign('t-0')
  await bench.until('the first is read', () => bench.values('t-0').length === 1)
  expect(cursor?.nodeId).toBe(2)
  source.kill(2)
  await source.append('t-0', ['b'])
  await bench.until('the second is read from the leader, which still prefers the dead one', () => {
    return bench.values('t-0').length === 2
  })
  expect(cursor?.nodeId).toBe(1)
  expect(bench.clock.monotonic()).toBeLessThan(1_000)
})

test('the leader is asked again from time to time which replica is to be read', async () => {
  const { source, clock } = open({ settings: { clientRack: 'b', metadataMaxAgeMs: 2_000 } })
  const log = source.add('t-0')
  log.follower = 2
  const [cursor] = bench.assign('t-0')
  await bench.until('the follower is read', () => cursor?.nodeId === 2)
  log.follower = -1
  await clock.advance(3_000)
  expect(cursor?.nodeId).toBe(1)
})

test("out of the range of a follower is the leader's to say", async () => {
  const { source } = open({ settings: { clientRack: 'b' } })
  const log = source.add('t-0')
  log.follower = 2
  await source.append('t-0', ['a'])
  bench.assign('t-0')
  await bench.until('the first is read', () => bench.values('t-0').length === 1)
  log.follower = 3
  log.errors.push(brokerErrors.OFFSET_OUT_OF_RANGE)
  await source.append('t-0', ['b'])
  await bench.until('the second is read', () => bench.values('t-0').length === 2)
  expect(bench.events).toEqual([])
})

test('a batch given back stops its partition alone, is tried again, and is told once', async () => {
  const { source, clock } = open()
  source.add('t-0')
  source.add('t-1')
  let isBroken = true
  bench.isPoisoned = (_, values) => isBroken && values.includes('b')
  bench.assign('t-0', 't-1')
  for (const value of ['a', 'b', 'c']) await source.append('t-0', [value])
  await clock.advance(25_000)
  for (const value of ['d', 'e']) await source.append('t-1', [value])
  await bench.until('the other partition is read', () => bench.values('t-1').length === 2, 1_000)
  expect(bench.values('t-0')).toEqual(['a'])
  expect(bench.events).toEqual(['blocked t-0'])
  isBroken = false
  await bench.until('the rest is read', () => bench.values('t-0').length === 3, 11_000)
  await clock.advance(2_000)
  expect(bench.values('t-0')).toEqual(['a', 'b', 'c'])
  expect(bench.events).toEqual(['blocked t-0', 'resumed t-0'])
})

test('where the logs part is found also when a batch was given back and the new log has outgrown it', async () => {
  const { source } = open()
  const log = source.add('t-0')
  for (const value of ['a', 'b']) await source.append('t-0', [value])
  let isRefused = true
  bench.isPoisoned = (_, values) => isRefused && values.includes('b')
  const [cursor] = bench.assign('t-0')
  await bench.until('it is given back', () => cursor?.isBlocked === true)
  isRefused = false
  log.loseBatches(0)
  for (const value of ['A', 'B', 'C']) await source.append('t-0', [value])
  await bench.until('the other history is read', () => bench.values('t-0').at(-1) === 'C')
  expect(bench.values('t-0')).toEqual(['a', 'A', 'B', 'C'])
  expect(bench.events).toEqual(['blocked t-0', 'truncated t-0 0-1', 'resumed t-0'])
})

test('a batch given back is taken with what stands in its place, where the log was cut and is shorter now', async () => {
  const { source } = open()
  const log = source.add('t-0')
  await source.append('t-0', ['a', 'b', 'c'])
  let isRefused = true
  bench.isPoisoned = () => isRefused
  const [cursor] = bench.assign('t-0')
  await bench.until('it is given back', () => cursor?.isBlocked === true)
  isRefused = false
  log.loseBatches(0)
  await source.append('t-0', ['A'])
  await bench.until('the other history is read', () => bench.values('t-0').length === 1)
  await bench.until('nothing is blocked', () => cursor?.isBlocked === false)
  expect([bench.values('t-0'), bench.events]).toEqual([['A'], ['blocked t-0', 'resumed t-0']])
})

test('a batch given back after its topic was created anew does not move the new one', async () => {
  const { source } = open()
  const log = source.add('t-0')
  await source.append('t-0', ['a', 'b'])
  const [cursor] = bench.assign('t-0')
  bench.isPoisoned = (_, values) => values.includes('x')
  await bench.until('the old topic is read', () => bench.values('t-0').length === 2)
  log.recreate()
  await source.append('t-0', ['c'])
  await bench.until('the new topic is read', () => bench.values('t-0').length === 3)
  expect(cursor?.position).toBe(1n)
})

test('an unreadable partition is told once and tried again, the others go on', async () => {
  const { source, clock } = open()
  source.add('t-0').errors.push(brokerErrors.TOPIC_AUTHORIZATION_FAILED, brokerErrors.TOPIC_AUTHORIZATION_FAILED)
  source.add('t-1')
  bench.assign('t-0', 't-1')
  await source.append('t-0', ['a'])
  await source.append('t-1', ['b'])
  await clock.advance(5_000)
  expect([bench.values('t-0'), bench.values('t-1'), bench.events]).toEqual([[], ['b'], ['blocked t-0']])
  await clock.advance(20_000)
  expect([bench.values('t-0'), bench.events]).toEqual([['a'], ['blocked t-0', 'resumed t-0']])
})

test('bytes that are no batch stop their partition alone', async () => {
  const { source, clock } = open()
  const log = source.add('t-0')
  source.add('t-1')
  await source.append('t-0', ['a'])
  const broken = Buffer.alloc(80, 7)
  broken.writeInt32BE(60, 8)
  log.appendBytes(broken, ['broken'])
  await source.append('t-1', ['b'])
  bench.assign('t-0', 't-1')
  await clock.advance(3_000)
  expect([bench.values('t-0'), bench.values('t-1'), bench.events]).toEqual([['a'], ['b'], ['blocked t-0']])
})

test('a partition over its share is left out until enough of it is released', async () => {
  const settings = { maxPartitionFetchBytes: 50 }
  const { source, clock } = open({ settings, budgetBytes: 4_000 })
  bench.holdMs = null
  source.add('t-0').batchesPerFetch = 1
  source.add('t-1')
  bench.assign('t-0', 't-1')
  for (let index = 0; index < 20; index++) await source.append('t-0', [String(index)])
  await clock.advance(1_000)
  const readAtFirst = bench.values('t-0').length
  expect(bench.budget.usedBytes).toBeGreaterThanOrEqual(500)
  expect(bench.budget.usedBytes).toBeLessThan(600)
  await source.append('t-1', ['quiet'])
  await clock.advance(10)
  expect(bench.values('t-1')).toEqual(['quiet'])
  bench.releaseAll()
  await clock.advance(30)
  expect(bench.values('t-0').length).toBeGreaterThan(readAtFirst)
  bench.holdMs = 0
  bench.releaseAll()
  await bench.until('all is read', () => bench.values('t-0').length === 20)
})

test('nothing is fetched while half of the budget is in use, and each fetch is bounded by the other half', async () => {
  const { source, clock } = open({ budgetBytes: 2_000, settings: { maxPartitionFetchBytes: 5_000 } })
  bench.holdMs = null
  source.add('t-0')
  source.add('t-1', 2)
  bench.assign('t-0', 't-1')
  await source.append('t-0', ['x'.repeat(1_200)])
  await source.append('t-0', ['y'])
  await clock.advance(2_000)
  const { length } = source.fetches
  await clock.advance(60_000)
  expect(source.fetches).toHaveLength(length)
  expect(source.fetches.at(-1)?.maxBytes).toBe(500)
  bench.holdMs = 0
  bench.releaseAll()
  await bench.until('the rest is read', () => bench.values('t-0').length >= 2)
})

test('idle partitions cost two small requests a second and no timers', async () => {
  const { source, clock } = open()
  const keys = Array.from({ length: 100 }, (_, index) => `t-${index}`)
  for (const key of keys) source.add(key)
  bench.assign(...keys)
  await clock.advance(5_000)
  const before = source.fetches.length
  await clock.advance(10_000)
  const idle = source.fetches.slice(before)
  expect(idle.length).toBeLessThan(25)
  expect(idle.every(({ topics, forgottenTopics }) => topics.length === 0 && forgottenTopics.length === 0)).toBe(true)
  expect(clock.pendingTimers).toBeLessThan(5)
})

test('a throttled fetcher asks for nothing until the time is up', async () => {
  const { source, clock } = open()
  source.add('t-0')
  source.throttles.push(3_000)
  bench.assign('t-0')
  await clock.advance(200)
  await source.append('t-0', ['a'])
  const { length } = source.fetches
  await clock.advance(2_500)
  expect([source.fetches.length, bench.values('t-0')]).toEqual([length, []])
  await bench.until('it is read', () => bench.values('t-0').length === 1, 1_000)
})

test('a session refused again and again is not asked for in a loop', async () => {
  const { source, clock } = open()
  source.add('t-0')
  bench.assign('t-0')
  await clock.advance(100)
  source.fetchErrors = Array.from({ length: 1_000 }, () => brokerErrors.FETCH_SESSION_ID_NOT_FOUND)
  const { length } = source.fetches
  await clock.advance(2_000)
  expect(source.fetches.length - length).toBeLessThan(25)
})

test('new partitions begin as auto.offset.reset says, and one without a leader keeps none of them waiting', async () => {
  const { source } = open({ settings: { autoOffsetReset: 'latest' } })
  source.add('t-0')
  source.add('t-1', -1)
  await source.append('t-0', ['before'])
  bench.assignAt([
    ['t-0', undefined],
    ['t-1', undefined]
  ])
  const [first] = bench.fetcher.cursors
  await bench.until('the position is known', () => first?.position === 1n, 100)
  await source.append('t-0', ['after'])
  await bench.until('it is read', () => bench.values('t-0').length > 0)
  expect(bench.values('t-0')).toEqual(['after'])
})

test('without auto.offset.reset a partition waits for a position, told once', async () => {
  const { source, clock } = open({ settings: { autoOffsetReset: 'none' } })
  source.add('t-0')
  bench.assignAt([['t-0', undefined]])
  await clock.advance(10_000)
  expect(bench.events).toEqual(['blocked t-0'])
})

describe('closing', () => {
  test('releases what nobody polled', async () => {
    const { source, clock } = open({ reads: false })
    source.add('t-0')
    await source.append('t-0', ['a'])
    bench.assign('t-0')
    await clock.advance(100)
    expect(bench.budget.usedBytes).toBeGreaterThan(0)
    await bench.fetcher.close()
    expect(await bench.fetcher.poll(1_000)).toEqual([])
    expect(bench.budget.usedBytes).toBe(0)
  })

  test('does not wait for a broker that does not answer', async () => {
    const { source, clock } = open()
    source.add('t-0')
    source.isHanging = true
    bench.assign('t-0')
    await clock.advance(100)
    await bench.fetcher.close()
    expect(source.fetches).toEqual([])
  })

  test('a cluster closed under the fetcher makes it neither fail nor spin', async () => {
    const { source, clock } = open()
    source.add('t-0', -1)
    bench.assign('t-0')
    await clock.advance(1_000)
    await source.close()
    await clock.advance(1_000)
    expect(clock.pendingTimers).toBeLessThan(5)
  })
})
