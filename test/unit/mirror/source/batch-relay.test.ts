import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteBudget } from '../../../../src/client/byte-budget.ts'
import { FetchCursor } from '../../../../src/client/fetch-cursor.ts'
import { FetchedBatch } from '../../../../src/client/fetched-batch.ts'
import {
  mergePoolLimits,
  relayMerged,
  type RelayedBatch,
  relayRaw,
  relayRewritten,
  type RelayPartition
} from '../../../../src/mirror/source/batch-relay.ts'
import { BufferPool } from '../../../../src/net/buffer-pool.ts'
import { crc32c } from '../../../../src/wire/crc32c.ts'
import { decodeBatch, encodeBatch } from '../../../../src/wire/record.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const pool = new BufferPool(mergePoolLimits)

const route: RelayPartition = {
  index: 0,
  sourcePartition: { fields: { cluster: 'A', partition: 0, topic: 't' } },
  sourceTopic: 't',
  partition: 0,
  targetTopic: 'A.t'
}

async function batchAt(baseOffset: bigint, values: readonly string[], codec = 0): Promise<Buffer> {
  const records = values.map((value, index) => ({
    timestamp: 1000n + BigInt(index),
    key: null,
    value: Buffer.from(value),
    headers: []
  }))
  const batch = await encodeBatch(records, codec)
  batch.writeBigInt64BE(baseOffset, 0)
  return batch
}

interface Fetched {
  readonly batch: FetchedBatch
  /** How many still hold the receive buffer. */
  readonly holders: () => number
  readonly budget: ByteBudget
}

function fetched(
  records: Buffer,
  fields: Partial<Pick<FetchedBatch, 'wantedOffset' | 'lastOffset' | 'verdict' | 'batchCount'>> = {}
): Fetched {
  let holders = 0
  const budget = new ByteBudget(1_000_000)
  const batch = new FetchedBatch({
    previousEpoch: -1,
    cursor: new FetchCursor('t', 0, 0n),
    records,
    magic: 2,
    wantedOffset: 0n,
    lastOffset: records.readBigInt64BE(0) + BigInt(records.readInt32BE(23)),
    verdict: 'data',
    batchCount: 1,
    isToMerge: false,
    topicId: null,
    memory: { retain: () => (holders += 1), release: () => (holders -= 1) },
    budget,
    ...fields
  })
  return { batch, holders: () => holders, budget }
}

const values = async (records: Buffer): Promise<string[]> =>
  (await decodeBatch(records)).map(({ value }) => String(value))

test('a plain batch passes as the very bytes that were fetched', async () => {
  const records = await batchAt(5n, ['a', 'b'], 1)
  const relayed = relayRaw(route, fetched(records, { wantedOffset: 5n }).batch, null)
  expect(relayed?.records).toBe(records)
  expect([relayed?.firstOffset, relayed?.lastOffset, relayed?.recordCount]).toEqual([5n, 6n, 2])
})

test('a run passes as it is, with all its records and the newest time of any', async () => {
  const parts = [await batchAt(5n, ['a', 'b'], 1), await batchAt(7n, ['c'], 1), await batchAt(8n, ['d'], 1)]
  for (const [index, newest] of [7_000n, 9_000n, 8_000n].entries()) parts[index]?.writeBigInt64BE(newest, 35)
  const records = Buffer.concat(parts)
  const relayed = relayRaw(route, fetched(records, { wantedOffset: 5n, lastOffset: 8n, batchCount: 3 }).batch, null)
  expect(relayed?.records).toBe(records)
  expect([relayed?.firstOffset, relayed?.lastOffset, relayed?.recordCount, relayed?.newestMs]).toEqual([
    ...[5n, 8n],
    ...[4, 9_000]
  ])
})

test('markers, aborted data and batches without records move the position and send nothing', async () => {
  const records = await batchAt(5n, ['a'])
  const empty = Buffer.from(records)
  empty.writeInt32BE(0, 57)
  for (const { batch } of [
    fetched(records, { verdict: 'control' }),
    fetched(records, { verdict: 'aborted' }),
    fetched(empty)
  ]) {
    const relayed = relayRaw(route, batch, null)
    expect([relayed?.recordCount, relayed?.records.length, relayed?.lastOffset]).toEqual([0, 0, 5n])
  }
})

test('holes, a head below the wanted offset, append times and another codec are not raw', async () => {
  const records = await batchAt(5n, ['a', 'b', 'c'])
  const gappy = Buffer.from(records)
  gappy.writeInt32BE(9, 23)
  const appended = Buffer.from(records)
  appended.writeInt16BE(0x08, 21)
  expect(relayRaw(route, fetched(gappy).batch, null)).toBeUndefined()
  expect(relayRaw(route, fetched(records, { wantedOffset: 6n }).batch, null)).toBeUndefined()
  expect(relayRaw(route, fetched(appended).batch, null)).toBeUndefined()
  expect(relayRaw(route, fetched(records).batch, 'gzip')).toBeUndefined()
})

test('the slow path drops what was read before and knows the source offset of each record', async () => {
  const records = await batchAt(5n, ['a', 'b', 'c'])
  const relayed = await relayRewritten(route, fetched(records, { wantedOffset: 6n }).batch, 'gzip')
  expect(await values(relayed.records)).toEqual(['b', 'c'])
  expect([relayed.firstOffset, relayed.sourceOffset(1), relayed.lastOffset]).toEqual([6n, 7n, 7n])
})

test('a run becomes one batch of all its records, and gives its receive buffer back at once', async () => {
  const sizes = fc.array(fc.array(fc.string({ maxLength: 20 }), { minLength: 1, maxLength: 5 }), {
    minLength: 2,
    maxLength: 6
  })
  await fc.assert(
    fc.asyncProperty(sizes, async (batches) => {
      let offset = 40n
      const parts: Buffer[] = []
      for (const batch of batches) {
        parts.push(await batchAt(offset, batch))
        offset += BigInt(batch.length)
      }
      const run = fetched(Buffer.concat(parts), {
        wantedOffset: 40n,
        lastOffset: offset - 1n,
        batchCount: parts.length
      })
      const relayed = relayMerged(route, run.batch, pool)
      expect(run.holders()).toBe(0)
      expect(run.budget.usedBytes).toBeGreaterThan(0)
      expect(await values(relayed.records)).toEqual(batches.flat())
      expect(relayed.recordCount).toBe(batches.flat().length)
      expect([relayed.firstOffset, relayed.lastOffset]).toEqual([40n, offset - 1n])
      relayed.release()
      expect(run.budget.usedBytes).toBe(0)
    }),
    propertyRuns(50)
  )
})

test('a run with a corrupt batch is not merged: its new checksum would hide that', async () => {
  const [good, bad] = [await batchAt(0n, ['a']), await batchAt(1n, ['b'])]
  bad[bad.length - 2] = (bad[bad.length - 2] ?? 0) ^ 1
  const { batch } = fetched(Buffer.concat([good, bad]), { lastOffset: 1n, batchCount: 2 })
  expect(() => relayMerged(route, batch, pool)).toThrow('CRC')
})

test('a long run is merged in pooled memory, which is given back when it is settled, or when it cannot be merged', async () => {
  const value = 'v'.repeat(1_000)
  const parts: Buffer[] = []
  for (let offset = 0n; offset < 200n; offset++) parts.push(await batchAt(offset, [value]))
  const merge = (): RelayedBatch => {
    const run = { lastOffset: 199n, batchCount: parts.length }
    return relayMerged(route, fetched(Buffer.concat(parts), run).batch, pool)
  }
  const relayed = merge()
  expect([pool.usedBytes, pool.freeBytes]).toEqual([mergePoolLimits.bufferBytes, 0])
  expect(await values(relayed.records)).toEqual(Array.from({ length: 200 }, () => value))
  relayed.release()
  expect([pool.usedBytes, pool.freeBytes]).toEqual([0, mergePoolLimits.bufferBytes])
  // Its checksum is right, its record is not: found only while records are moved.
  const broken = await batchAt(100n, [value])
  broken[61] = 2
  broken.writeUInt32BE(crc32c(broken, 21), 17)
  parts[100] = broken
  expect(merge).toThrow()
  expect([pool.usedBytes, pool.freeBytes]).toEqual([0, mergePoolLimits.bufferBytes])
})
