import { beforeEach, expect, test } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { ByteBudget } from '../../../../src/client/byte-budget.ts'
import { FetchCursor } from '../../../../src/client/fetch-cursor.ts'
import { FetchedBatch } from '../../../../src/client/fetched-batch.ts'
import { TransformedBatch } from '../../../../src/connect/pipeline/transformed-batch.ts'
import { MetricRegistry } from '../../../../src/metrics/metric-registry.ts'
import { BatchMeter } from '../../../../src/mirror/source/batch-meter.ts'
import { type RelayedBatch, relayRaw } from '../../../../src/mirror/source/batch-relay.ts'
import { batchLastOffset } from '../../../../src/wire/record-batch.ts'
import { encodeBatch } from '../../../../src/wire/record.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { scrapedMetrics } from '../../../support/scraped-metrics.ts'
import { unreadMetrics } from '../../../support/unread-metrics.ts'

let registry: MetricRegistry
let meter: BatchMeter
let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock()
  registry = new MetricRegistry({ clock })
  const task = { connector: 'source', task: 0, formats: ['legacy'] }
  meter = new BatchMeter(unreadMetrics(clock, registry), task, [{ topic: 'A.t', partition: 0 }])
})

/** Five records, the newest at the time now. */
async function batch(): Promise<RelayedBatch> {
  const records = await encodeBatch(
    [4, 0, 3, 2, 1].map((ago) => ({ timestamp: BigInt(clock.now() - ago), key: null, value: Buffer.from('v') }))
  )
  const fetched = new FetchedBatch({
    previousEpoch: -1,
    ...{ cursor: new FetchCursor('t', 0, 0n), records, magic: 2, lastOffset: batchLastOffset(records, 0) },
    ...{
      wantedOffset: 0n,
      verdict: 'data',
      batchCount: 1,
      isToMerge: false,
      topicId: null,
      budget: new ByteBudget(1_000_000)
    },
    memory: { retain: () => undefined, release: () => undefined }
  })
  const sourcePartition = { fields: { cluster: 'A', partition: 0, topic: 't' } }
  const route = { index: 0, sourcePartition, sourceTopic: 't', partition: 0, targetTopic: 'A.t' }
  const relayed = relayRaw(route, fetched, null)
  if (relayed === undefined) throw new Error('the batch is not raw')
  return relayed
}

async function figures(): Promise<Record<string, number | undefined>> {
  const series = await scrapedMetrics(registry, 'kafka_connect_mirror_')
  const of = '{topic=A.t,partition=0}'
  return {
    records: series[`mirrorsourceconnector_record_count${of}`],
    bytes: series[`mirrorsourceconnector_byte_count${of}`],
    latencyMs: series[`mirrorsourceconnector_replication_latency_ms${of}`],
    refused: series['mirrorgaps_gap_record_count{kind=refused}'],
    filtered: series['mirrorgaps_gap_record_count{kind=filtered}']
  }
}

test('counts a batch as it is on the wire, and by the time of its newest record though its memory is gone', async () => {
  const polled = await batch()
  meter.polled([polled])
  const bytes = polled.records.length
  await clock.advance(50)
  polled.records.fill(0)
  meter.settled(polled, [])
  expect(await figures()).toEqual({ records: 5, bytes, latencyMs: 50, refused: 0, filtered: 0 })
})

test('does not count what the target refused as mirrored', async () => {
  const polled = await batch()
  meter.settled(polled, [{ firstIndex: 1, count: 2, error: new MirrorError('MIRROR_RECORD_REFUSED', 'too large') }])
  expect(await figures()).toMatchObject({ records: 3, refused: 2, filtered: 0 })
})

test('counts what transforms dropped, once all parts that they made of a batch are settled', async () => {
  const original = await batch()
  const part = { targetTopic: 'A.t', targetPartition: 0, records: original.records }
  const parts = TransformedBatch.partsOf(original, [
    { ...part, originalIndexes: [0, 2] },
    { ...part, targetTopic: 'A.other', originalIndexes: [3] }
  ])
  for (const [index, settled] of parts.entries()) {
    expect(await figures()).toMatchObject({ records: index === 0 ? 0 : 2, filtered: 0 })
    meter.settled(settled, [])
  }
  expect(await figures()).toMatchObject({ records: 3, filtered: 2 })
  const [none] = TransformedBatch.partsOf(await batch(), [{ ...part, records: Buffer.alloc(0), originalIndexes: [] }])
  if (none !== undefined) meter.settled(none, [])
  expect(await figures()).toMatchObject({ records: 3, filtered: 7 })
})
