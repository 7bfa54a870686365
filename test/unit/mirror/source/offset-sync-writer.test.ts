import { beforeEach, expect, test } from 'vitest'
import { OffsetSyncWriter } from '../../../../src/mirror/source/offset-sync-writer.ts'
import { decodeOffsetSync } from '../../../../src/mirror-client/offset-sync.ts'
import { decodeBatch } from '../../../../src/wire/record.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ToyProducer } from '../../../support/worker-toys.ts'

let clock: ManualClock
let producer: ToyProducer
let writer: OffsetSyncWriter

function setUp(lagMax: bigint): void {
  clock = new ManualClock()
  producer = new ToyProducer()
  const topic = 'mm2-offset-syncs.B.internal'
  writer = new OffsetSyncWriter({ producer, close: () => producer.close(), topic, lagMax, clock })
}

beforeEach(() => {
  setUp(1n)
})

/** Batches that are sent and not acknowledged, each as the upstream offsets in it. */
async function underWay(): Promise<bigint[][]> {
  return await Promise.all(
    producer.sent.map(async ({ records }) => {
      const decoded = await decodeBatch(records)
      return decoded.map(({ key, value }) => {
        if (key === null || value === null) throw new Error('a sync has a key and a value')
        return decodeOffsetSync(key, value).upstreamOffset
      })
    })
  )
}

test('a sync goes out at once, and those that come while it is under way wait for it, the newest of each partition', async () => {
  const [a, b] = [writer.partition('a', 0), writer.partition('b', 0)]
  writer.offer(a, 0n, 100n, 1)
  await clock.advance(0)
  writer.offer(a, 2n, 102n, 1)
  writer.offer(b, 7n, 7n, 1)
  writer.offer(a, 4n, 104n, 1)
  await clock.advance(1_000)
  expect(await underWay()).toEqual([[0n]])
  producer.settle()
  await clock.advance(100)
  expect(await underWay()).toEqual([[4n, 7n]])
})

test('a commit has the newest record of each partition sent', async () => {
  const a = writer.partition('a', 0)
  writer.offer(a, 0n, 0n, 2)
  await clock.advance(0)
  producer.settle()
  await clock.advance(100)
  expect(producer.sent).toEqual([])
  writer.commit()
  await clock.advance(100)
  expect(await underWay()).toEqual([[1n]])
})

test('commits that follow each other send once in ten seconds, and closing the rest', async () => {
  setUp(1_000n)
  const a = writer.partition('a', 0)
  const settled: bigint[] = []
  const settle = async (): Promise<void> => {
    await clock.advance(100)
    settled.push(...(await underWay()).flat())
    producer.settle()
    await clock.advance(900)
  }
  writer.offer(a, 0n, 0n, 1)
  await settle()
  for (let second = 1n; second < 20n; second++) {
    writer.offer(a, second, second, 1)
    writer.commit()
    await settle()
  }
  expect(settled).toEqual([0n, 1n, 11n])
  const closed = writer.close(5_000)
  await settle()
  await closed
  expect(settled).toEqual([0n, 1n, 11n, 19n])
})

test('closing waits for what is to be sent, as long as it may', async () => {
  const a = writer.partition('a', 0)
  writer.offer(a, 0n, 0n, 1)
  await clock.advance(0)
  writer.offer(a, 5n, 5n, 1)
  const closed = writer.close(5_000)
  producer.settle()
  await clock.advance(0)
  expect([await underWay(), producer.isClosed]).toEqual([[[5n]], false])
  producer.settle()
  await clock.advance(0)
  await closed
  expect([producer.isClosed, clock.pendingTimers]).toEqual([true, 0])
})

test.each([
  ['that has stopped to answer', true, 5_000],
  ['that has never answered, sooner', false, 1_000]
])('closing gives up a cluster %s', async (_what, hasAnswered, waitsMs) => {
  const a = writer.partition('a', 0)
  writer.offer(a, 0n, 0n, 1)
  await clock.advance(0)
  if (hasAnswered) producer.settle()
  await clock.advance(100)
  writer.offer(a, 5n, 5n, 1)
  const closed = writer.close(5_000)
  await clock.advance(waitsMs - 1)
  expect(producer.isClosed).toBe(false)
  await clock.advance(1)
  await closed
  expect(producer.isClosed).toBe(true)
})
