import { beforeEach, describe, expect, test } from 'vitest'
import { MetricRegistry } from '../../../../src/metrics/metric-registry.ts'
import { MirrorMetrics } from '../../../../src/mirror/metrics/mirror-metrics.ts'
import { type SourceTaskMetrics } from '../../../../src/mirror/metrics/source-task-metrics.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { scrapedMetrics } from '../../../support/scraped-metrics.ts'

let clock: ManualClock
let registry: MetricRegistry
let metrics: MirrorMetrics

function setUp(hasPartitionSeries = true): void {
  clock = new ManualClock()
  registry = new MetricRegistry({ clock, hasPartitionSeries })
  metrics = new MirrorMetrics({ registry, source: 'A', target: 'B', clock })
}

beforeEach(() => {
  setUp()
})

const one = [{ topic: 'A.t', partition: 0 }]
const log = { highWatermark: 0n, logStartOffset: 0n, position: 0n }

function startTask(formats: readonly string[] = [], partitions = one): SourceTaskMetrics {
  return metrics.sourceTask({ connector: 'source', task: 3, formats }, partitions)
}

const mirrored = (group: string): Promise<Record<string, number>> => scrapedMetrics(registry, `kafka_connect_${group}_`)

/** Records, bytes, seconds. */
async function lag(): Promise<readonly (number | undefined)[]> {
  const series = await mirrored('mirror_mirrorlag')
  return ['records', 'bytes', 'seconds'].map((figure) => series[`lag_${figure}{topic=A.t,partition=0}`])
}

describe('a source task', () => {
  test('feeds a partition from batches: records and latency when acknowledged, bytes and age when polled', async () => {
    const task = startTask(['legacy'])
    task.polled(0, 0n, { recordCount: 10, bytes: 500, newestMs: clock.now() - 70 })
    await clock.advance(30)
    task.settled(0, 10n, { recordCount: 9, newestMs: clock.now() - 100 })
    // neither has a timestamp, which must not look like an age of decades
    task.polled(0, 10n, { recordCount: 1, bytes: 100, newestMs: -1 })
    task.settled(0, 11n, { recordCount: 1, newestMs: -1 })
    const of = '{topic=A.t,partition=0}'
    expect(await mirrored('mirror_mirrorsourceconnector')).toMatchObject({
      [`record_count${of}`]: 10,
      [`byte_count${of}`]: 600,
      [`byte_rate${of}`]: 600 / 30.03,
      [`record_age_ms${of}`]: 70,
      [`replication_latency_ms${of}`]: 100,
      [`replication_latency_ms_max${of}`]: 100
    })
    expect(Object.keys(await mirrored('mirror_mirrorsourceconnector'))).toHaveLength(12)
    task.close()
    expect(await mirrored('mirror_mirrorsourceconnector')).toEqual({})
  })

  test('is published under the names asked for: either, or both with the same figures', async () => {
    const task = startTask(['new', 'legacy'])
    task.polled(0, 0n, { recordCount: 10, bytes: 500, newestMs: -1 })
    expect(await mirrored('plugins')).toMatchObject({
      'byte_count{connector=source,task=3,topic=A.t,partition=0}': 500
    })
    expect(await mirrored('mirror_mirrorsourceconnector')).toMatchObject({ 'byte_count{topic=A.t,partition=0}': 500 })
    task.close()
    startTask(['new'])
    expect(await mirrored('mirror_mirrorsourceconnector')).toEqual({})
    expect(Object.keys(await mirrored('plugins'))).toHaveLength(12)
  })

  test('lags by what the target has not acknowledged, in records, bytes and time', async () => {
    const task = startTask()
    task.follow([{ ...log, highWatermark: undefined }])
    expect(await lag()).toEqual([undefined, undefined, undefined])
    task.follow([{ ...log, highWatermark: 100n }])
    task.polled(0, 0n, { recordCount: 50, bytes: 5_000, newestMs: clock.now() })
    await clock.advance(4_000)
    // nothing acknowledged yet: as long as that took
    expect(await lag()).toEqual([100, 10_000, 4])
    task.settled(0, 20n, { recordCount: 20, newestMs: clock.now() - 60_000 })
    expect(await lag()).toEqual([80, 8_000, 60])
    // the rest are markers, which have no time
    task.settled(0, 100n, { recordCount: 0, newestMs: -1 })
    expect(await lag()).toEqual([0, 0, 0])
  })

  test('a quiet partition lags since its next record came, not since its last one', async () => {
    const task = startTask()
    task.follow([{ ...log, highWatermark: 1n }])
    task.settled(0, 1n, { recordCount: 1, newestMs: clock.now() })
    await clock.advance(3_600_000)
    expect(await lag()).toEqual([0, 0, 0])
    task.follow([{ ...log, highWatermark: 2n }])
    task.polled(0, 1n, { recordCount: 1, bytes: 70, newestMs: clock.now() })
    await clock.advance(2_000)
    expect(await lag()).toEqual([1, 70, 2])
  })

  test('what was deleted below the start of the log is no lag', async () => {
    const task = startTask()
    task.settled(0, 10n, { recordCount: 10, newestMs: 0 })
    task.follow([{ highWatermark: 50n, logStartOffset: 50n, position: 50n }])
    expect((await lag())[0]).toBe(0)
  })

  test('a log that was replaced is measured from where it is read', async () => {
    const task = startTask()
    task.settled(0, 1_000n, { recordCount: 1, newestMs: 0 })
    task.logReplaced(0)
    task.follow([{ highWatermark: 7n, logStartOffset: 0n, position: 2n }])
    expect((await lag())[0]).toBe(5)
  })

  test('without partition series there are still the sums and the largest of each task', async () => {
    setUp(false)
    const partitions = [0, 1].map((partition) => ({ topic: 'A.t', partition }))
    const task = startTask(['legacy'], partitions)
    task.follow([
      { ...log, highWatermark: 5n },
      { ...log, highWatermark: 7n }
    ])
    metrics.gaps.record({ topic: 'A.t', partition: 1 }, 'retention', 4)
    metrics.stoppedPartitions('target').stopped({ topic: 'A.t', partition: 1 })
    await clock.advance(9_000)
    const series = await mirrored('mirror')
    expect(series).toMatchObject({
      'mirrortasklag_lag_records{connector=source,task=3}': 12,
      'mirrortasklag_lag_seconds{connector=source,task=3}': 9,
      'mirrortasklag_partition_count{connector=source,task=3}': 2,
      'mirrorgaps_gap_record_count{kind=retention}': 4,
      'mirrorstopped_partition_count{side=target}': 1
    })
    expect(Object.keys(series).filter((name) => name.includes('partition='))).toEqual([])
  })
})

describe('gaps', () => {
  test('are there for each kind before the first, so that the first is an increase', async () => {
    const events = async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        Object.entries(await mirrored('mirror_mirrorgaps')).filter(([name]) => name.startsWith('gap_event'))
      )
    const zeros = Object.fromEntries(
      ['retention', 'truncated', 'recreated', 'refused', 'filtered'].map((kind) => [`gap_event_count{kind=${kind}}`, 0])
    )
    expect(await events()).toEqual(zeros)
    metrics.gaps.record({ topic: 'A.t', partition: 0 }, 'recreated', 0)
    expect(await events()).toEqual({ ...zeros, 'gap_event_count{kind=recreated}': 1 })
  })
})

describe('partitions that stand still', () => {
  test('are named while they do, and no longer than their task', async () => {
    const [first, second] = [metrics.stoppedPartitions('source'), metrics.stoppedPartitions('source')]
    first.stopped({ topic: 'A.t', partition: 0 })
    first.stopped({ topic: 'A.t', partition: 0 })
    second.stopped({ topic: 'A.t', partition: 1 })
    expect(await mirrored('mirror_mirrorstopped')).toMatchObject({ 'partition_count{side=source}': 2 })
    expect(await mirrored('mirror_mirrorstoppedpartition')).toEqual({
      'stopped{topic=A.t,partition=0,side=source}': 1,
      'stopped{topic=A.t,partition=1,side=source}': 1
    })
    expect(metrics.stoppedPartitionNames).toEqual(['A.t-0 (source)', 'A.t-1 (source)'])
    first.resumed({ topic: 'A.t', partition: 0 })
    second.close()
    expect(metrics.stoppedPartitionNames).toEqual([])
    expect(await mirrored('mirror_mirrorstopped')).toEqual({
      'partition_count{side=source}': 0,
      'partition_count{side=target}': 0
    })
    expect(await mirrored('mirror_mirrorstoppedpartition')).toEqual({})
  })
})

describe('a checkpoint task', () => {
  test('keeps the latency of each group and partition apart, under the names asked for', async () => {
    const task = metrics.checkpointTask({ connector: 'checkpoints', task: 0, formats: ['legacy', 'new'] })
    task.acknowledged('g', { topic: 'A.t', partition: 0 }, clock.now() - 5)
    task.acknowledged('h', { topic: 'A.t', partition: 0 }, clock.now() - 50)
    for (const [group, tags] of [
      ['mirror_mirrorcheckpointconnector', ''],
      ['plugins', 'connector=checkpoints,task=0,']
    ] as const) {
      const series = await mirrored(group)
      expect(series[`checkpoint_latency_ms_max{${tags}group=g,topic=A.t,partition=0}`]).toBe(5)
      expect(series[`checkpoint_latency_ms_max{${tags}group=h,topic=A.t,partition=0}`]).toBe(50)
    }
    task.close()
    expect(await mirrored('plugins')).toEqual({})
  })

  test('counts by group how well offsets are translated', async () => {
    const task = metrics.checkpointTask({ connector: 'checkpoints', task: 0, formats: ['legacy'] })
    for (const quality of ['exact', 'exact', 'conservative', 'untranslated'] as const) task.translated('g', quality)
    expect(await mirrored('mirror_mirrortranslation')).toEqual({
      'exact_count{group=g}': 2,
      'conservative_count{group=g}': 1,
      'untranslated_count{group=g}': 1
    })
  })
})
