import { beforeEach, expect, test } from 'vitest'
import { deferred } from '../../../../src/base/deferred.ts'
import { ByteBudget } from '../../../../src/client/byte-budget.ts'
import { FetchCursor } from '../../../../src/client/fetch-cursor.ts'
import { FetchedBatch } from '../../../../src/client/fetched-batch.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { type LedgerMap, OffsetLedger } from '../../../../src/mirror/source/offset-ledger.ts'
import { RelayedBatch } from '../../../../src/mirror/source/batch-relay.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const routes = [0, 1].map((partition) => ({
  index: partition,
  sourcePartition: { fields: { cluster: 'A', partition, topic: 't' } },
  ...{ sourceTopic: 't', partition, targetTopic: 'A.t' }
}))

const sourceTopicId = Buffer.alloc(16, 7)
/** The header of a batch, which is all that is looked at. */
const records = Buffer.alloc(61)
records.writeInt32BE(49, 8)

let clock: ManualClock
let cluster: FakeLogCluster
let map: OffsetMap
/** Records of each append. */
let appends: number[]
let failure: Error | undefined
/** What an append waits for. */
let gate: Promise<void>
let opened: Promise<void>
let isUsable: boolean
let coveredTopic: string
let isLeaseHeld: boolean
let isReleased: boolean
let ledger: OffsetLedger
let makeLedger: () => OffsetLedger
let lines: string[]

beforeEach(async () => {
  clock = new ManualClock()
  cluster = new FakeLogCluster()
  cluster.create('A.t', 2)
  map = new OffsetMap({ onInvalid: (error) => expect.unreachable(error.message) })
  ;[gate, opened, lines, coveredTopic] = [Promise.resolve(), Promise.resolve(), [], 't']
  ;[appends, failure, isUsable, isLeaseHeld, isReleased] = [[], undefined, true, true, false]
  const topic: LedgerMap['topic'] = {
    ...{ map, cluster, readToEnd: () => Promise.resolve() },
    get opened() {
      return opened
    },
    get isUsable() {
      return isUsable
    },
    append: async (records) => {
      await gate
      if (failure !== undefined) throw failure
      appends.push(records.length)
      for (const { key, value } of records) map.apply(key, value)
    }
  }
  const release = (): Promise<void> => {
    isReleased = true
    return Promise.resolve()
  }
  makeLedger = () =>
    new OffsetLedger({
      map: { topic, intervalMs: 1_000, release, covers: (name) => name === coveredTopic },
      ...{ syncs: undefined, isLeaseHeld: () => isLeaseHeld, clock, logger: recordingLogger(lines) }
    })
  ledger = makeLedger()
  await ledger.open()
  await ledger.start(routes, [])
})

/** Ten records, at the same offsets on both sides. */
function settle(partition: number, first: bigint): void {
  const route = routes[partition]
  if (route === undefined) throw new Error('there are two partitions')
  const cursor = new FetchCursor('t', partition, 0n)
  // Each is the newest of the source's log: what lies on the target is known whole once it is mirrored.
  cursor.highWatermark = first + 10n
  const fetched = new FetchedBatch({
    previousEpoch: -1,
    ...{ cursor, records, magic: 2, lastOffset: first + 9n },
    ...{ wantedOffset: first, verdict: 'data', batchCount: 1, isToMerge: false, topicId: sourceTopicId },
    ...{ memory: { retain: () => undefined, release: () => undefined }, budget: new ByteBudget(1_000) }
  })
  const batch = new RelayedBatch(route, fetched, {
    ...{ firstOffset: first, recordCount: 10, records, runs: undefined }
  })
  ledger.settled(batch, [{ firstIndex: 0, count: 10, baseOffset: first }])
}

const coveredTo = (): (bigint | undefined)[] => routes.map(({ partition }) => map.partition('t', partition)?.coveredTo)

test('what was settled is written once an interval, all partitions together', async () => {
  settle(0, 0n)
  settle(1, 0n)
  settle(0, 10n)
  await clock.advance(999)
  expect(appends).toEqual([])
  await clock.advance(1)
  expect([appends, coveredTo()]).toEqual([[2], [20n, 10n]])
  await clock.advance(10_000)
  expect([appends, clock.pendingTimers]).toEqual([[2], 0])
})

test('nothing is written of a topic that the map does not cover, and nothing waits for it', async () => {
  coveredTopic = 'another'
  ledger = makeLedger()
  await ledger.open()
  await ledger.start(routes, [])
  settle(0, 0n)
  await ledger.prepareCommit()
  await clock.advance(5_000)
  expect([appends, coveredTo(), clock.pendingTimers]).toEqual([[], [undefined, undefined], 0])
})

test('before positions are stored the map has all that was settled', async () => {
  settle(0, 0n)
  await ledger.prepareCommit()
  expect(coveredTo()).toEqual([10n, undefined])
})

test('what could not be written keeps positions from being stored, and is written later', async () => {
  settle(0, 0n)
  failure = new Error('away')
  await expect(ledger.prepareCommit()).rejects.toThrow('away')
  failure = undefined
  settle(1, 0n)
  await ledger.prepareCommit()
  expect(coveredTo()).toEqual([10n, 10n])
})

test('positions are stored without a map that cannot be kept', async () => {
  settle(0, 0n)
  failure = new Error('refused')
  isUsable = false
  await ledger.prepareCommit()
  settle(0, 10n)
  await clock.advance(5_000)
  expect([appends, clock.pendingTimers]).toEqual([[], 0])
})

test('a map that takes nothing holds positions up once, for half a minute, and has all of it when it takes it again', async () => {
  const taking = deferred<undefined>()
  gate = taking.promise
  settle(0, 0n)
  let stored = 0
  void ledger.prepareCommit().then(() => stored++)
  await clock.advance(29_999)
  expect(stored).toBe(0)
  await clock.advance(1)
  expect(stored).toBe(1)
  settle(1, 0n)
  await ledger.prepareCommit()
  expect([appends, lines]).toEqual([[], [expect.stringContaining('has taken nothing for 30 s')]])
  taking.resolve(undefined)
  await clock.advance(1_000)
  await ledger.prepareCommit()
  expect([coveredTo(), lines.length]).toEqual([[10n, 10n], 1])
})

test('a map that cannot be read holds a start up for half a minute, and begins when it has been read', async () => {
  const reading = deferred<undefined>()
  opened = reading.promise
  ledger = makeLedger()
  let isOpen = false
  void ledger.open().then(() => (isOpen = true))
  await clock.advance(30_000)
  expect([isOpen, lines]).toEqual([true, [expect.stringContaining('could not be read within 30 s')]])
  await ledger.start(routes, [])
  settle(0, 0n)
  await clock.advance(15_000)
  expect(map.partition('t', 0)).toBeUndefined()
  reading.resolve(undefined)
  settle(0, 10n)
  await clock.advance(1_000)
  settle(0, 20n)
  await ledger.prepareCommit()
  expect([map.partition('t', 0)?.toTarget(5n), coveredTo()[0]]).toEqual([undefined, 30n])
})

test('without the lease nothing is written at the interval', async () => {
  settle(0, 0n)
  isLeaseHeld = false
  await clock.advance(5_000)
  expect(appends).toEqual([])
  isLeaseHeld = true
  await clock.advance(1_000)
  expect(appends).toEqual([1])
})

test('a target partition that comes up later is looked for, and mapped from then on', async () => {
  cluster.create('A.t', 1)
  await ledger.start(routes, [])
  settle(1, 0n)
  await clock.advance(1_000)
  cluster.create('A.t', 2)
  settle(1, 10n)
  await clock.advance(10_000)
  settle(1, 20n)
  await clock.advance(1_000)
  settle(1, 30n)
  await clock.advance(1_000)
  expect([coveredTo(), map.partition('t', 1)?.toTarget(5n), map.partition('t', 1)?.toTarget(35n)]).toEqual([
    ...[[undefined, 40n], undefined, { offset: 35n, exact: true }]
  ])
})

test('the source topic of a stored position is told as far as the map has come', async () => {
  settle(0, 0n)
  await ledger.prepareCommit()
  const idAt = (position: bigint, partition = 0): Buffer | null =>
    ledger.sourceTopicId({ topic: 't', partition }, position)
  expect([idAt(10n), idAt(11n), idAt(0n, 1)]).toEqual([sourceTopicId, null, null])
})

test('closing gives the topic back, and leaves no timer', async () => {
  settle(0, 0n)
  opened = new Promise(() => undefined)
  const opening = ledger.open()
  await ledger.close()
  await opening
  expect([isReleased, clock.pendingTimers, lines]).toEqual([true, 0, []])
})
