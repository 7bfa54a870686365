import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { MetricRegistry } from '../../../../src/metrics/metric-registry.ts'
import { MirrorMetrics } from '../../../../src/mirror/metrics/mirror-metrics.ts'
import { HeldGaps } from '../../../../src/mirror/source/held-gaps.ts'
import { MirrorSourceTask } from '../../../../src/mirror/source/mirror-source-task.ts'
import { decodeBatch } from '../../../../src/wire/record.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { consumerSettings } from '../../../support/fake-source/fetcher-bench.ts'
import { FakeSource } from '../../../support/fake-source/fake-source.ts'
import { unwrittenLedger } from '../../../support/unwritten-ledger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { scrapedMetrics } from '../../../support/scraped-metrics.ts'

let clock: ManualClock
let source: FakeSource
let lines: string[]
let registry: MetricRegistry
/** Of the process: they outlive its tasks. */
let memory: { topicIds: Map<string, Buffer>; heldGaps: HeldGaps; metrics: MirrorMetrics }
let task: MirrorSourceTask

beforeEach(async () => {
  clock = new ManualClock()
  source = new FakeSource(clock)
  lines = []
  registry = new MetricRegistry({ clock })
  const metrics = new MirrorMetrics({ registry, source: 'A', target: 'B', clock })
  memory = { topicIds: new Map(), heldGaps: new HeldGaps(), metrics }
  source.add('t-0')
  for (const value of ['a', 'b', 'c', 'd']) await source.append('t-0', [value])
})

afterEach(async () => {
  await end()
})

async function end(): Promise<void> {
  await task.stop()
  await task.close()
  await clock.advance(1_000)
  expect(source.retained).toBe(0)
}

/** @param stored offset of the last record that was mirrored */
async function start(gapPolicy: 'continue' | 'fail', stored: bigint | undefined): Promise<void> {
  // The task before has closed its own.
  const { logs } = source
  source = new FakeSource(clock)
  for (const [name, log] of logs) source.logs.set(name, log)
  task = new MirrorSourceTask({
    ...{ source, sourceAlias: 'A', targetAlias: 'B', policy: { formatRemoteTopic: (_, topic) => `A.${topic}` } },
    ...{ partitions: [{ topic: 't', partition: 0 }], gapPolicy, consumer: consumerSettings, ...memory },
    metricTask: { connector: 'source', task: 0, formats: [] },
    createLedger: unwrittenLedger(clock),
    ...{ pollTimeoutMs: 1_000, budgetBytes: 1_000_000, compressionType: null, clock, logger: recordingLogger(lines) }
  })
  await task.start({ storedOffsets: () => Promise.resolve([stored]), isLeaseHeld: () => true })
}

/** Values that come within that time, or the error that the poll fails with. */
async function read(forMs: number): Promise<string[]> {
  const seen: string[] = []
  const endMs = clock.monotonic() + forMs
  while (clock.monotonic() < endMs) {
    const polled = task.poll()
    const caught = polled.catch((error: unknown) => [String(error)])
    await clock.advance(1_100)
    for (const batch of await caught) {
      if (typeof batch === 'string') return [...seen, batch]
      seen.push(...(await decodeBatch(batch.records)).map(({ value }) => String(value)))
      task.batchSettled(batch, [], [])
      batch.release()
    }
  }
  return seen
}

async function gaps(): Promise<Record<string, number>> {
  const all = await scrapedMetrics(registry, 'kafka_connect_mirror_mirrorpartitiongaps_')
  return Object.fromEntries(
    Object.entries(all).map(([series, value]) => [series.replace('topic=A.t,partition=0,kind=', ''), value])
  )
}

const kinds = [
  {
    kind: 'retention',
    lose: async () => {
      source.log('t-0').deleteBatches(3)
      await Promise.resolve()
    },
    range: 'from offset 1 to 2',
    records: 2,
    /** What goes on brings when the loss is gone past. */
    rest: ['d', 'late']
  },
  {
    kind: 'truncated',
    lose: async () => {
      source.log('t-0').loseBatches(1)
      await Promise.resolve()
    },
    range: 'from offset 1 to 3',
    records: 3,
    rest: ['a', 'late']
  },
  {
    kind: 'recreated',
    lose: async () => {
      source.log('t-0').recreate()
      await source.append('t-0', ['new'])
    },
    range: 'on are gone',
    records: 0,
    rest: ['new', 'late']
  }
] as const

describe.each(kinds)('source records that are lost ($kind)', ({ kind, lose, range, records, rest }) => {
  const stored = kind === 'truncated' ? 3n : 0n

  /** A task that has seen the topic before the loss. */
  async function loseWhileStopped(): Promise<void> {
    const id = source.log('t-0').topicId
    if (id !== null) memory.topicIds.set('t', id)
    await lose()
  }

  test('are counted, and gone past, by default', async () => {
    await loseWhileStopped()
    await start('continue', stored)
    const seen = await read(5_000)
    await source.append('t-0', ['late'])
    expect([...seen, ...(await read(2_000))]).toEqual(rest)
    expect(await gaps()).toEqual({ [`gap_record_count{${kind}}`]: records, [`gap_event_count{${kind}}`]: 1 })
    expect(lines.filter((line) => line.startsWith('warn'))).toHaveLength(1)
  })

  test('fail the task before anything behind them, until an operator acts', async () => {
    await loseWhileStopped()
    await start('fail', stored)
    const failure = new RegExp(`A->B: the source records of t-0 .*${range}.*gap.policy is fail`)
    expect(await read(5_000)).toEqual([expect.stringMatching(failure)])
    await end()
    // By now the log looks as if nothing had been: it goes beyond the position again.
    await source.append('t-0', ['late'])
    await expect(start('fail', stored)).rejects.toThrow(failure)
    expect(await gaps()).toEqual({ [`gap_record_count{${kind}}`]: records, [`gap_event_count{${kind}}`]: 1 })
    await end()
    // Offsets altered by REST: the position is forgotten, so that what is there is mirrored from its start.
    await start('fail', undefined)
    expect(await read(3_000)).toEqual(rest)
  })

  test('are gone past when the policy is changed, as they would have been at once', async () => {
    await loseWhileStopped()
    await start('fail', stored)
    await read(5_000)
    await end()
    for (const value of ['late', 'later', 'latest']) await source.append('t-0', [value])
    await start('continue', stored)
    expect(await read(3_000)).toEqual([...rest, 'later', 'latest'])
  })
})

test('losses of one kind are warned of once a partition and counted each time', async () => {
  await start('continue', undefined)
  await read(2_000)
  for (const round of [1, 2]) {
    source.kill(1)
    await source.append('t-0', [`lost ${round}`])
    source.log('t-0').deleteBatches(source.log('t-0').batches.length)
    source.down.clear()
    await read(20_000)
  }
  expect(await gaps()).toEqual({ 'gap_record_count{retention}': 2, 'gap_event_count{retention}': 2 })
  expect(lines.filter((line) => line.startsWith('warn: Source records were deleted'))).toHaveLength(1)
})

test.each(['continue', 'fail'] as const)('records that the target refuses for good: %s', async (gapPolicy) => {
  await start(gapPolicy, undefined)
  const polled = task.poll()
  await clock.advance(1_100)
  for (const batch of await polled) {
    task.batchSettled(batch, [], [{ firstIndex: 0, count: 1, error: new MirrorError('MIRROR_RECORD_REFUSED', 'no') }])
    batch.release()
  }
  expect(task.stopsAtRefusal).toBe(gapPolicy === 'fail')
  await source.append('t-0', ['late'])
  const failure = /A->B: t-0: Records at source offsets \d to \d are not mirrored.* gap.policy is fail/
  expect((await read(5_000)).at(-1)).toEqual(gapPolicy === 'fail' ? expect.stringMatching(failure) : 'late')
})
