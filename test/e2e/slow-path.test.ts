import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTopics, type RecordToProduce } from '../../dev/local-kafka/topic-records.ts'
import { type LocalMirror } from '../../dev/local-mirror.ts'
import { cleanedUpTo, storedBatches } from '../support/log-segments.ts'
import { complaints, localMirrors } from '../support/mirror-pair.ts'
import { type BothSides, type MirroredPair, mirroredPairs } from '../support/mirrored-pair.ts'
import { clusterTimeoutMs } from '../support/real-cluster.ts'
import { awkwardRecords, plainRecords, produceRecords } from '../support/test-data.ts'
import { waitUntil } from '../support/wait-until.ts'

const startPair = mirroredPairs()
const startMirror = localMirrors()
let pair: MirroredPair
let mirror: LocalMirror
/** Offsets of the records that are too large for the target, by topic. */
const tooLarge = new Map<string, bigint>()

const compactedTopics = ['compacted-none', 'compacted-gzip']
const cutTopics = ['cut-none', 'cut-gzip']
const appendTopics = ['append-none', 'append-gzip']
const narrowTopics = ['narrow-none', 'narrow-gzip']
const topicsOf = (codec: string): string[] => [`cut-${codec}`, `append-${codec}`]

const largestAtTarget = 20_000
/** A segment a batch, all of them cleaned at once. */
const eagerlyCompacted = { 'cleanup.policy': 'compact', 'segment.ms': '1000', 'min.cleanable.dirty.ratio': '0.001' }

beforeAll(async () => {
  pair = await startPair(
    { settings: { 'log.cleaner.backoff.ms': '100' } },
    // What has been compacted at the source must not be compacted further before it is compared.
    { settings: { 'log.cleaner.enable': 'false' } }
  )
  const { source, sourceAdmin, targetAdmin } = pair
  for (const topic of compactedTopics) await sourceAdmin.createTopic(topic, 1, eagerlyCompacted)
  for (const topic of appendTopics)
    await sourceAdmin.createTopic(topic, 1, { 'message.timestamp.type': 'LogAppendTime' })
  for (const topic of [...cutTopics, 'transactions']) await sourceAdmin.createTopic(topic)
  await sourceAdmin.createTopic('singles', 2)
  for (const topic of narrowTopics) {
    await sourceAdmin.createTopic(topic)
    await targetAdmin.createTopic(`A.${topic}`, 1, { 'max.message.bytes': String(largestAtTarget) })
  }
  for (const codec of ['none', 'gzip'] as const) {
    const plain = topicsOf(codec).flatMap((topic) => plainRecords(200).map((record) => ({ ...record, topic })))
    await produceRecords(source, '', plain, { compression: codec })
    await sourceAdmin.deleteRecordsBefore(`cut-${codec}`, 0, 57n)
    const settings = { 'batch.size': '1000' }
    await produceRecords(source, `compacted-${codec}`, recordsToCompact(), { compression: codec, settings })
    const large = { 'batch.size': '200000', 'max.request.size': '1000000' }
    const sent = await produceRecords(source, `narrow-${codec}`, narrowRecords(), {
      compression: codec,
      settings: large
    })
    tooLarge.set(`narrow-${codec}`, sent[giantAt]?.offset ?? -1n)
  }
  const singles = plainRecords(3_000, 20).map((record, index) => ({ ...record, partition: index % 2 }))
  await produceRecords(source, 'singles', singles, { settings: { 'batch.size': '0', 'linger.ms': '0' } })
  await produceTransactions()
  for (const topic of compactedTopics) {
    await waitUntil(`${topic} is compacted`, async () => (await cleanedUpTo(source, topic)) > 800n, {
      timeoutMs: 30_000
    })
  }
  mirror = await startMirror(source, pair.target, { 'tasks.max': '2' })
}, clusterTimeoutMs)

/** Every batch keeps some records and loses others: three keys return in each, one never does. */
function recordsToCompact(): RecordToProduce[] {
  return Array.from({ length: 1_000 }, (_, index) => ({
    key: index % 4 === 3 ? `once-${index}` : `often-${index % 4}`,
    value: `${index}`.padEnd(50, '.'),
    timestamp: 1_700_000_000_000 + index * 60_000
  }))
}

const giantAt = 150

/** What gzip cannot make smaller; one of them larger than the target allows. */
function narrowRecords(): RecordToProduce[] {
  return Array.from({ length: 300 }, (_, index) => ({
    key: `${index}`,
    value: noise(index, index === giantAt ? largestAtTarget * 2 : 1_000),
    timestamp: 1_700_000_000_000 + index
  }))
}

function noise(seed: number, length: number): Buffer {
  const parts = Array.from({ length: Math.ceil(length / 64) }, (_, part) =>
    createHash('sha512').update(`${seed}/${part}`).digest()
  )
  return Buffer.concat(parts).subarray(0, length)
}

/** Committed, aborted, open, and a plain record behind the open one. */
async function produceTransactions(): Promise<void> {
  const { source } = pair
  const transactional = async (id: string, count: number, end: 'commit' | 'abort' | 'leave'): Promise<void> => {
    const records = plainRecords(count).map((record) => ({ ...record, key: `${id} ${String(record.key)}` }))
    // A minute by default: what is left open must stay so while everything else is looked at.
    const settings = { 'transaction.timeout.ms': '600000' }
    await produceRecords(source, 'transactions', records, { transaction: { id, end }, settings })
  }
  await transactional('committed', 100, 'commit')
  await transactional('aborted', 100, 'abort')
  await transactional('open', 100, 'leave')
  await produceRecords(source, 'transactions', awkwardRecords())
}

describe('batches that cannot be passed on unread', () => {
  let read: BothSides

  beforeAll(async () => {
    const whole = await pair.readBoth([...appendTopics, ...compactedTopics, ...cutTopics, 'singles', 'transactions'])
    const narrow = await pair.readBoth(narrowTopics, { missing: 1 })
    read = {
      expected: new Map([...whole.expected, ...narrow.expected]),
      seen: new Map([...whole.seen, ...narrow.seen])
    }
  }, clusterTimeoutMs)

  const expectSame = (topics: readonly string[], count: number): void => {
    for (const topic of topics) {
      expect(read.seen.get(topic), topic).toEqual(read.expected.get(topic))
      expect(read.seen.get(topic)?.get(0), topic).toHaveLength(count)
    }
  }

  test('turns append times into create times', async () => {
    expectSame(appendTopics, 200)
    const remote = await readTopics(
      pair.target,
      appendTopics.map((topic) => `A.${topic}`)
    )
    const types = [...remote.values()].flat().map(({ timestampType }) => timestampType)
    expect(new Set(types)).toEqual(new Set(['CreateTime']))
  })

  test.each(compactedTopics)('mirrors what is left of the log %s', async (topic) => {
    // Gaps inside of batches, not only between them.
    const stored = await storedBatches(pair.source, topic)
    expect(stored.filter(({ recordCount, offsetCount }) => recordCount < offsetCount).length).toBeGreaterThan(3)
    const left = read.expected.get(topic)?.get(0)?.length ?? 0
    expect(left).toBeLessThan(500)
    expectSame([topic], left)
  })

  test('begins in the middle of a batch where records before it were deleted', () => {
    expectSame(cutTopics, 200 - 57)
  })

  test('keeps the order of batches of one record, and makes larger ones of them', async () => {
    expect(await storedBatches(pair.source, 'singles')).toHaveLength(1_500)
    expectSame(['singles'], 1_500)
    expect((await storedBatches(pair.target, 'A.singles')).length).toBeLessThan(150)
  })

  test('passes transactions on whatever becomes of them, without markers', async () => {
    expectSame(['transactions'], 305)
    const stored = await storedBatches(pair.target, 'A.transactions')
    expect(stored.some(({ isControl, isTransactional }) => isControl || isTransactional)).toBe(false)
  })

  test.each(narrowTopics)(
    'splits batches of %s that are too large for the target, but for one record',
    async (topic) => {
      const sizes = (await storedBatches(pair.source, topic)).map(({ payload }) => payload.length)
      expect(Math.max(...sizes)).toBeGreaterThan(3 * largestAtTarget)
      read.expected.get(topic)?.get(0)?.splice(giantAt, 1)
      expectSame([topic], 299)
    }
  )

  test('reports records that are too large by their source offsets, and nothing else', async () => {
    const reports = (await complaints(mirror)).sort((a, b) => a.msg.localeCompare(b.msg))
    const offsets = narrowTopics.map((topic) => ({ topic, offset: String(tooLarge.get(topic)) }))
    const expected = offsets.map(({ topic, offset }) => ({
      level: 50,
      topicPartition: `${topic}-0`,
      offsets: `${offset} to ${offset}`
    }))
    expect(reports).toMatchObject(expected.sort((a, b) => a.topicPartition.localeCompare(b.topicPartition)))
  })
})

describe('transactions', () => {
  test('are mirrored once they are committed with isolation.level = read_committed, in another codec if one is set', async () => {
    const { source, target, targetAdmin } = pair
    const properties = {
      topics: 'transactions, singles, compacted-gzip',
      'C.consumer.isolation.level': 'read_committed',
      'D.producer.compression.type': 'zstd'
    }
    const committed = await startMirror(source, target, properties, { aliases: ['C', 'D'] })
    const options = {
      remoteName: (topic: string) => `C.${topic}`,
      sourceSettings: { 'isolation.level': 'read_committed' }
    }
    await pair.expectMirrored(['transactions', 'singles', 'compacted-gzip'], options)
    for (const topic of ['C.transactions', 'C.singles', 'C.compacted-gzip']) {
      expect(new Set((await storedBatches(target, topic)).map(({ codec }) => codec))).toEqual(new Set(['zstd']))
    }
    expect(await targetAdmin.offsetCount('C.transactions')).toBe(100)

    // A producer of the same id aborts what its predecessor left open, and what waited behind it comes through.
    await produceRecords(source, 'transactions', plainRecords(50), { transaction: { id: 'open', end: 'commit' } })
    await pair.expectMirrored(['transactions'], options)
    expect(await targetAdmin.offsetCount('C.transactions')).toBe(155)
    expect(await committed.stop()).toEqual({ code: 0, signal: null })
    expect(await complaints(committed)).toEqual([])
  })

  test('leave a position behind, so that a restart repeats nothing', async () => {
    await pair.expectMirrored(['transactions'])
    expect(await mirror.stop()).toEqual({ code: 0, signal: null })
    const before = await pair.targetAdmin.offsetCount('A.transactions')
    await startMirror(pair.source, pair.target)
    await produceRecords(pair.source, 'transactions', plainRecords(5))
    await pair.expectMirrored(['transactions'])
    expect(await pair.targetAdmin.offsetCount('A.transactions')).toBe(before + 5)
  })
})
