import { expect, test } from 'vitest'
import { ByteBudget } from '../../../src/client/byte-budget.ts'
import { FetchCursor } from '../../../src/client/fetch-cursor.ts'
import { type FetchedBatch } from '../../../src/client/fetched-batch.ts'
import { cutBatches } from '../../../src/client/fetched-partition.ts'
import { unpooledMemory } from '../../../src/net/buffer-pool.ts'
import { type AbortedTransaction, type FetchPartitionResponse } from '../../../src/wire/api/01-fetch.ts'
import { encodeBatch } from '../../../src/wire/record.ts'

async function batchAt(baseOffset: bigint, count: number, codec = 0): Promise<Buffer> {
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: 1000n,
    key: null,
    value: Buffer.from(`value ${index}`),
    headers: []
  }))
  const batch = await encodeBatch(records, codec)
  batch.writeBigInt64BE(baseOffset, 0)
  batch.writeInt32BE(4, 12)
  return batch
}

function answer(records: Buffer, abortedTransactions: AbortedTransaction[] = []): FetchPartitionResponse {
  return {
    partition: 0,
    errorCode: 0,
    highWatermark: 100n,
    lastStableOffset: 100n,
    logStartOffset: 0n,
    divergingEpoch: null,
    currentLeader: null,
    abortedTransactions,
    preferredReadReplica: -1,
    records
  }
}

function cut(records: Buffer, position: bigint): { batches: FetchedBatch[]; cursor: FetchCursor; budget: ByteBudget } {
  const cursor = new FetchCursor('t', 0, position)
  const budget = new ByteBudget(1_000_000)
  const batches: FetchedBatch[] = []
  const memory = { retain: () => undefined, release: () => undefined }
  cutBatches({ cursor, position, response: answer(records) }, memory, budget, batches)
  return { batches, cursor, budget }
}

test('moves the cursor behind the last whole batch and leaves the cut one for the next fetch', async () => {
  const [first, second] = [await batchAt(10n, 5), await batchAt(15n, 3)]
  const { batches, cursor } = cut(Buffer.concat([first, second.subarray(0, second.length - 1)]), 10n)
  expect(batches.map(({ lastOffset, wantedOffset, verdict }) => ({ lastOffset, wantedOffset, verdict }))).toEqual([
    { lastOffset: 14n, wantedOffset: 10n, verdict: 'data' }
  ])
  expect(cursor.position).toBe(15n)
  expect(cursor.lastFetchedEpoch).toBe(4)
})

test('a batch below the position is left out, one that holds it is kept whole', async () => {
  const { batches } = cut(Buffer.concat([await batchAt(0n, 5), await batchAt(5n, 5)]), 7n)
  expect(batches.map(({ lastOffset, wantedOffset }) => ({ lastOffset, wantedOffset }))).toEqual([
    { lastOffset: 9n, wantedOffset: 7n }
  ])
})

test('counts what is outstanding until each batch is released', async () => {
  const { batches, cursor, budget } = cut(Buffer.concat([await batchAt(0n, 5), await batchAt(5n, 5)]), 0n)
  expect(budget.usedBytes).toBe(batches.reduce((sum, { records }) => sum + records.length, 0))
  expect(cursor.outstandingBytes).toBe(budget.usedBytes)
  for (const batch of batches) batch.release()
  expect([budget.usedBytes, cursor.outstandingBytes]).toEqual([0, 0])
})

test('keeps small batches that lie side by side together, to be merged, and large or detached ones apart', async () => {
  const large = await batchAt(10n, 1000)
  const behindGap = await batchAt(1020n, 5)
  const marker = await batchAt(1030n, 1)
  marker.writeInt16BE(0x30, 21)
  const all = [await batchAt(0n, 5), await batchAt(5n, 5), large, await batchAt(1010n, 5), behindGap, marker]
  const { batches } = cut(Buffer.concat(all), 0n)
  expect(batches.map(({ lastOffset, batchCount, isToMerge }) => [lastOffset, batchCount, isToMerge])).toEqual([
    [9n, 2, true],
    [1009n, 1, false],
    [1014n, 1, false],
    [1024n, 1, false],
    [1030n, 1, false]
  ])
  expect(batches.at(-1)?.verdict).toBe('control')
})

test('keeps batches of one codec that go as they are together, and those apart that have to be rewritten', async () => {
  const appended = await batchAt(3020n, 1000)
  appended.writeInt16BE(0x08, 21)
  const gappy = await batchAt(4020n, 1000)
  gappy.writeInt32BE(1000, 23)
  const all = [
    await batchAt(0n, 1000),
    await batchAt(1000n, 1000),
    await batchAt(2000n, 5, 1),
    await batchAt(2005n, 5, 1),
    await batchAt(2010n, 1010, 1),
    appended,
    gappy
  ]
  const { batches } = cut(Buffer.concat(all), 0n)
  expect(batches.map(({ lastOffset, batchCount, isToMerge }) => [lastOffset, batchCount, isToMerge])).toEqual([
    [1999n, 2, false],
    [3019n, 3, false],
    [4019n, 1, false],
    [5020n, 1, false]
  ])
})

test('a run of what goes as it is ends after a MiB, so that its position can be stored', async () => {
  const batches = await Promise.all(Array.from({ length: 40 }, (_, index) => batchAt(BigInt(index * 5_000), 5_000)))
  const { batches: runs } = cut(Buffer.concat(batches), 0n)
  expect(runs.length).toBeGreaterThan(2)
  expect(runs.reduce((sum, { batchCount }) => sum + batchCount, 0)).toBe(40)
  for (const { records } of runs.slice(0, -1)) {
    expect(records.length).toBeLessThanOrEqual(1024 * 1024)
    expect(records.length).toBeGreaterThan(800 * 1024)
  }
})

test('a run is at most half a MiB, so that the target takes it as one batch', async () => {
  const batches = await Promise.all(Array.from({ length: 200 }, (_, index) => batchAt(BigInt(index * 200), 200)))
  const { batches: runs } = cut(Buffer.concat(batches), 0n)
  expect(runs.length).toBeGreaterThan(1)
  expect(runs.reduce((sum, { batchCount }) => sum + batchCount, 0)).toBe(200)
  for (const { records } of runs) expect(records.length).toBeLessThanOrEqual(512 * 1024)
})

test('a run splits into its batches, and memory and budget follow', async () => {
  const { batches, cursor, budget } = cut(Buffer.concat([await batchAt(3n, 5), await batchAt(8n, 2)]), 3n)
  const used = budget.usedBytes
  const parts = batches.flatMap((batch) => batch.split())
  expect(parts.map(({ wantedOffset, lastOffset, batchCount }) => [wantedOffset, lastOffset, batchCount])).toEqual([
    [3n, 7n, 1],
    [8n, 9n, 1]
  ])
  expect(budget.usedBytes).toBe(used)
  parts[0]?.moveTo(unpooledMemory)
  expect(budget.usedBytes).toBe(used)
  for (const part of parts) part.release()
  expect([budget.usedBytes, cursor.outstandingBytes]).toEqual([0, 0])
})

test('delivers what comes before bytes that are no batch, and stays in front of them', async () => {
  const broken = await batchAt(5n, 5)
  broken[16] = 9
  const cursor = new FetchCursor('t', 0, 0n)
  const batches: FetchedBatch[] = []
  const memory = { retain: () => undefined, release: () => undefined }
  const response = answer(Buffer.concat([await batchAt(0n, 5), broken]))
  expect(() => {
    cutBatches({ cursor, position: 0n, response }, memory, new ByteBudget(1_000_000), batches)
  }).toThrow('magic 9')
  expect(batches).toHaveLength(1)
  expect(cursor.position).toBe(5n)
})

test('each batch begins where the one before it ended, also where their offsets overlap', async () => {
  const { batches, cursor } = cut(Buffer.concat([await batchAt(0n, 5), await batchAt(3n, 4), await batchAt(4n, 2)]), 2n)
  expect(batches.map(({ wantedOffset, lastOffset }) => [wantedOffset, lastOffset])).toEqual([
    [2n, 4n],
    [5n, 6n]
  ])
  expect(cursor.position).toBe(7n)
})
