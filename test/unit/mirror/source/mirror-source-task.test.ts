import { afterEach, beforeEach, expect, test } from 'vitest'
import { type SourceBatch } from '../../../../src/connect/source-batch.ts'
import { MetricRegistry } from '../../../../src/metrics/metric-registry.ts'
import { OffsetMap } from '../../../../src/mirror-client/offset-map/offset-map.ts'
import { PartitionMapWriter } from '../../../../src/mirror-client/offset-map/partition-map-writer.ts'
import { HeldGaps } from '../../../../src/mirror/source/held-gaps.ts'
import { MirrorSourceTask, type MirrorSourceTaskOptions } from '../../../../src/mirror/source/mirror-source-task.ts'
import { OffsetLedger } from '../../../../src/mirror/source/offset-ledger.ts'
import { decodeBatch, encodeBatch } from '../../../../src/wire/record.ts'
import { batchOffsets, controlBit } from '../../../../src/wire/record-batch.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { consumerSettings } from '../../../support/fake-source/fetcher-bench.ts'
import { FakeLogCluster } from '../../../support/fake-log-cluster.ts'
import { FakeSource } from '../../../support/fake-source/fake-source.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { reseal, withAttributes } from '../../../support/record-batches.ts'
import { scrapedMetrics } from '../../../support/scraped-metrics.ts'
import { unwrittenLedger } from '../../../support/unwritten-ledger.ts'
import { unreadMetrics } from '../../../support/unread-metrics.ts'

let clock: ManualClock
let source: FakeSource
let lines: string[]
let registry: MetricRegistry
let task: MirrorSourceTask

beforeEach(() => {
  clock = new ManualClock()
  source = new FakeSource(clock)
  lines = []
  registry = new MetricRegistry({ clock })
  for (const partition of [0, 1]) source.add(`t-${partition}`)
})

/** Whatever was read: its memory is given back. */
afterEach(async () => {
  await task.stop()
  await clock.advance(1_000)
  expect(source.retained).toBe(0)
})

async function start(
  stored: readonly (bigint | undefined)[] = [],
  more: Partial<MirrorSourceTaskOptions> = {},
  acceptsRuns = false
): Promise<void> {
  task = new MirrorSourceTask({
    ...{
      source,
      sourceAlias: 'A',
      targetAlias: 'B',
      policy: { formatRemoteTopic: (alias, topic) => `${alias}.${topic}` }
    },
    partitions: [0, 1].map((partition) => ({ topic: 't', partition })),
    ...{ topicIds: new Map(), heldGaps: new HeldGaps(), gapPolicy: 'continue', consumer: consumerSettings },
    createLedger: unwrittenLedger(clock),
    ...{ metrics: unreadMetrics(clock, registry), metricTask: { connector: 'source', task: 0, formats: ['legacy'] } },
    ...{ pollTimeoutMs: 1_000, budgetBytes: 1_000_000, compressionType: null, clock, logger: recordingLogger(lines) },
    ...more
  })
  await task.start({
    storedOffsets: async (partitions) => await Promise.resolve(partitions.map((_, index) => stored[index])),
    isLeaseHeld: () => true,
    acceptsRuns
  })
}

const stopped = (): Promise<Record<string, number>> => scrapedMetrics(registry, 'kafka_connect_mirror_mirrorstopped_')

/** What comes within that time, released at once: `target partition: values`, or the position that is moved over. */
async function read(forMs: number): Promise<string[]> {
  const seen: string[] = []
  const endMs = clock.monotonic() + forMs
  while (clock.monotonic() < endMs) {
    const polled = task.poll()
    await clock.advance(100)
    await clock.advance(1_000)
    for (const batch of await polled) seen.push(await describe(batch))
  }
  return seen
}

async function describe(batch: SourceBatch): Promise<string> {
  const place = `${batch.targetTopic}-${batch.targetPartition}`
  const records = batch.recordCount === 0 ? [] : await decodeBatch(batch.records)
  const text = `${place} ${batch.firstOffset}-${batch.lastOffset}: ${records.map(({ value }) => String(value)).join()}`
  batch.release()
  return text
}

async function gappyBatch(): Promise<Buffer> {
  const value = (text: string) => ({ timestamp: 1n, key: null, value: Buffer.from(text) })
  const batch = await encodeBatch([value('x'), value('y')])
  // As after compaction: the batch stands for three offsets.
  batch.writeInt32BE(2, batchOffsets.lastOffsetDelta)
  return reseal(batch)
}

test('goes on behind the stored offset; a missing or negative one begins at the start', async () => {
  for (const value of ['a', 'b', 'c']) await source.append('t-0', [value])
  await source.append('t-1', ['d'])
  await start([1n, -1n])
  expect(await read(3_000)).toEqual(['A.t-0 2-2: c', 'A.t-1 0-0: d'])
})

test('a position of a topic that is gone is not used for the one that has its name now', async () => {
  const topicIds = new Map([['t', Buffer.alloc(16, 9)]])
  await source.append('t-0', ['a', 'b', 'c'])
  await start([0n, undefined], { topicIds })
  expect(await read(2_000)).toEqual(['A.t-0 0-2: a,b,c'])
  expect(lines.at(-1)).toContain('created again')
  await task.stop()
  expect(topicIds.get('t')).toEqual(source.log('t-0').topicId)
})

test('the offset map knows better than the process whose a position is: another worker may have begun the new topic', async () => {
  await source.append('t-0', ['a', 'b', 'c'])
  const map = new OffsetMap({ onInvalid: (error) => expect.unreachable(error.message) })
  const ids = { sourceTopicId: source.log('t-0').topicId, targetTopicId: Buffer.alloc(16, 5) }
  const from = { targetLogEnd: 0n, position: 0n, isFresh: true }
  const other = new PartitionMapWriter(map, { topic: 't', partition: 0, ...ids, ...from })
  other.mirrored(0n, 0n, 1)
  for (const { key, value } of other.take()) map.apply(key, value)
  const done = (): Promise<void> => Promise.resolve()
  const cluster = new FakeLogCluster()
  const topic = { map, cluster, opened: Promise.resolve(), isUsable: true, append: done, readToEnd: done }
  await start([0n, undefined], {
    topicIds: new Map([['t', Buffer.alloc(16, 9)]]),
    createLedger: (isLeaseHeld) =>
      new OffsetLedger({
        map: { topic, intervalMs: 1_000, release: done, covers: () => true },
        ...{ syncs: undefined, isLeaseHeld, clock, logger: recordingLogger(lines) }
      })
  })
  expect(await read(2_000)).toEqual(['A.t-0 1-2: b,c'])
  await task.close()
})

test('sends only new records of a batch that holds the position, moves over markers, closes gaps', async () => {
  await source.append('t-0', ['a', 'b', 'c'])
  const marker = withAttributes(await encodeBatch([{ timestamp: 1n, key: Buffer.alloc(4), value: null }]), controlBit)
  source.log('t-0').appendBytes(marker, ['marker'])
  source.log('t-0').appendBytes(await gappyBatch(), ['x', 'y', 'gone'])
  await start([0n, 0n])
  expect(await read(3_000)).toEqual(['A.t-0 1-2: b,c', 'A.t-0 3-3: ', 'A.t-0 4-6: x,y'])
})

test.each([
  [true, [[0n, 2n, 3]]],
  [
    false,
    [
      [0n, 1n, 2],
      [2n, 2n, 1]
    ]
  ]
])('batches that lie side by side go together where the runtime takes runs: %s', async (acceptsRuns, expected) => {
  const value = 'v'.repeat(10_000)
  await source.append('t-0', [value, value])
  await source.append('t-0', [value])
  await start([], {}, acceptsRuns)
  const polled = task.poll()
  await clock.advance(1_000)
  const batches = await polled
  expect(batches.map((each) => [each.firstOffset, each.lastOffset, each.recordCount])).toEqual(expected)
  for (const batch of batches) batch.release()
})

test('a batch that cannot be decoded stops its partition alone, is told once, and passes once it is whole', async () => {
  const broken = await gappyBatch()
  const byte = broken.length - 3
  broken.writeUInt8(broken.readUInt8(byte) ^ 1, byte)
  await source.append('t-0', ['a'])
  source.log('t-0').appendBytes(broken, ['x', 'y', 'gone'])
  await source.append('t-0', ['b'])
  await source.append('t-1', ['c'])
  await start()
  expect(await read(25_000)).toEqual(['A.t-0 0-0: a', 'A.t-1 0-0: c'])
  const blocked = 'error: A source partition cannot be read; the others go on, this one is tried again'
  expect(lines.slice(1)).toEqual([blocked])
  expect(await stopped()).toEqual({ 'partition_count{side=source}': 1, 'partition_count{side=target}': 0 })
  broken.writeUInt8(broken.readUInt8(byte) ^ 1, byte)
  expect(await read(15_000)).toEqual(['A.t-0 1-3: x,y', 'A.t-0 4-4: b'])
  expect(lines.slice(1)).toEqual([blocked, 'info: The source partition is read again'])
  expect(await stopped()).toEqual({ 'partition_count{side=source}': 0, 'partition_count{side=target}': 0 })
})
