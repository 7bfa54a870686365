import { describe, expect, it } from 'vitest'
import { metricGroup } from '../../../src/metrics/metric-group.ts'
import { MetricRegistry } from '../../../src/metrics/metric-registry.ts'
import { scrape } from '../../../src/metrics/scrape.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const queues = metricGroup({
  domain: 'kafka.toy',
  name: 'queue-metrics',
  tags: ['queue', 'owner-id'],
  meaning: 'A queue',
  sensors: {
    taken: { meaning: 'items taken', unit: 'items', attributes: { 'taken-total': 'total', 'taken-rate': 'rate' } },
    wait: {
      meaning: 'time in the queue',
      unit: 'ms',
      attributes: { 'wait-ms': 'value', 'wait-ms-max': 'max', 'wait-ms-avg': 'avg', 'waits-total': 'count' }
    },
    busy: { meaning: 'busy', unit: '0 or 1', attributes: { 'busy-ratio': 'time-share' } },
    outcome: {
      meaning: 'outcomes',
      unit: '0 or 1',
      attributes: { 'ok-percentage': 'success', 'bad-percentage': 'failure' }
    },
    turn: {
      meaning: 'turns',
      unit: 'turns',
      attributes: { 'since-turn-ms': 'ms-since', 'turn-seconds-ago': 'seconds-since' }
    }
  },
  texts: { status: 'State' }
})

const partitions = metricGroup({
  domain: 'kafka.toy',
  name: 'Parts',
  tags: ['topic', 'partition'],
  meaning: 'A partition',
  sensors: Object.fromEntries(
    ['records', 'bytes', 'age', 'latency'].map((name) => [
      name,
      {
        meaning: name,
        unit: name,
        attributes: { [`${name}-total`]: 'total', [`${name}-max`]: 'max', [`${name}-rate`]: 'rate' }
      }
    ])
  ),
  texts: {}
})

async function seriesOf(registry: MetricRegistry): Promise<Map<string, string>> {
  const series = new Map<string, string>()
  for await (const chunk of scrape(registry)) {
    for (const line of chunk.split('\n')) {
      if (line === '' || line.startsWith('#')) continue
      const at = line.lastIndexOf(' ')
      series.set(line.slice(0, at), line.slice(at + 1))
    }
  }
  return series
}

describe('MetricRegistry', () => {
  const tags = { queue: 'a', 'owner-id': '1' }

  it('makes each attribute of what was recorded, named and labelled by the one rule', async () => {
    const clock = new ManualClock()
    const registry = new MetricRegistry({ clock })
    const rows = registry.group(queues, { route: 'A->B' })
    const row = rows.entity(tags)
    row.record(rows.sensor('busy'), 1)
    await clock.advance(1000)
    row.record(rows.sensor('busy'), 0)
    row.record(rows.sensor('taken'), 30)
    row.record(rows.sensor('taken'), 40)
    for (const wait of [10, 20]) row.record(rows.sensor('wait'), wait)
    for (const isOk of [1, 1, 1, 0]) row.record(rows.sensor('outcome'), isOk)
    row.record(rows.sensor('turn'), 1)
    row.setText(rows.text('status'), 'running')
    await clock.advance(5000)
    const labels = 'route="A->B",queue="a",owner_id="1"'
    expect(Object.fromEntries(await seriesOf(registry))).toEqual({
      [`kafka_toy_queue_taken_total{${labels}}`]: '70',
      [`kafka_toy_queue_taken_rate{${labels}}`]: '2',
      [`kafka_toy_queue_wait_ms{${labels}}`]: '20',
      [`kafka_toy_queue_wait_ms_max{${labels}}`]: '20',
      [`kafka_toy_queue_wait_ms_avg{${labels}}`]: '15',
      [`kafka_toy_queue_waits_total{${labels}}`]: '2',
      [`kafka_toy_queue_busy_ratio{${labels}}`]: String(1 / 6),
      [`kafka_toy_queue_ok_percentage{${labels}}`]: '0.75',
      [`kafka_toy_queue_bad_percentage{${labels}}`]: '0.25',
      [`kafka_toy_queue_since_turn_ms{${labels}}`]: '5000',
      [`kafka_toy_queue_turn_seconds_ago{${labels}}`]: '5',
      [`kafka_toy_queue_status{${labels},status="running"}`]: '1'
    })
  })

  it('says of what never happened what the reference says', async () => {
    const registry = new MetricRegistry({ clock: new ManualClock() })
    registry.group(queues).entity(tags)
    const series = await seriesOf(registry)
    const value = (name: string): string | undefined => series.get(`kafka_toy_queue_${name}{queue="a",owner_id="1"}`)
    expect(value('taken_rate')).toBe('0')
    expect(value('wait_ms_avg')).toBe('NaN')
    expect(value('wait_ms_max')).toBe('NaN')
    expect(value('ok_percentage')).toBe('0')
    expect(value('bad_percentage')).toBe('0')
    expect(value('since_turn_ms')).toBe('+Inf')
    expect(value('turn_seconds_ago')).toBe('-1')
    expect(value('status')).toBeUndefined()
  })

  it('types sums as counters and the rest as gauges, and spells labels so that they can be read back', async () => {
    const registry = new MetricRegistry({ clock: new ManualClock() })
    registry.group(queues).entity({ queue: 'a"\\\n', 'owner-id': '' })
    const chunks: string[] = []
    for await (const chunk of scrape(registry)) chunks.push(chunk)
    const text = chunks.join('')
    expect(text).toContain(
      '# HELP kafka_toy_queue_taken_total items taken\n# TYPE kafka_toy_queue_taken_total counter\n'
    )
    expect(text).toContain('# TYPE kafka_toy_queue_wait_ms gauge\n')
    expect(text).toContain('{queue="a\\"\\\\\\n",owner_id=""}')
  })

  it('keeps one row of equal tags: what an older one records goes nowhere', async () => {
    const registry = new MetricRegistry({ clock: new ManualClock() })
    const rows = registry.group(queues)
    const older = rows.entity(tags)
    older.record(rows.sensor('taken'), 5)
    const newer = rows.entity(tags)
    older.record(rows.sensor('taken'), 7)
    older.remove()
    newer.record(rows.sensor('taken'), 1)
    expect((await seriesOf(registry)).get('kafka_toy_queue_taken_total{queue="a",owner_id="1"}')).toBe('1')
    newer.remove()
    newer.record(rows.sensor('taken'), 1)
    const other = rows.entity({ queue: 'b', 'owner-id': '1' })
    newer.record(rows.sensor('taken'), 1)
    other.record(rows.sensor('taken'), 2)
    const series = await seriesOf(registry)
    expect([...series.keys()].some((name) => name.includes('queue="a"'))).toBe(false)
    expect(series.get('kafka_toy_queue_taken_total{queue="b",owner_id="1"}')).toBe('2')
  })

  it('keeps nothing of partitions when their series are switched off', async () => {
    const registry = new MetricRegistry({ clock: new ManualClock(), hasPartitionSeries: false })
    const rows = registry.group(partitions)
    rows.entity({ topic: 't', partition: '0' }).record(rows.sensor('records'), 1)
    registry.group(queues).entity(tags)
    const names = [...(await seriesOf(registry)).keys()]
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => name.startsWith('kafka_toy_parts'))).toEqual([])
  })

  describe('with 10,000 partitions', () => {
    const registry = new MetricRegistry({ clock: new ManualClock() })
    const made: number[] = []
    const plain = globalThis.Float64Array

    it('keeps them in one array that doubles', () => {
      class CountedArray extends plain {
        constructor(length: number) {
          super(length)
          made.push(length)
        }
      }
      Object.assign(globalThis, { Float64Array: CountedArray })
      try {
        const rows = registry.group(partitions)
        const records = rows.sensor('records')
        for (let partition = 0; partition < 10_000; partition += 1) {
          rows.entity({ topic: 't', partition: String(partition) }).record(records, partition)
        }
      } finally {
        Object.assign(globalThis, { Float64Array: plain })
      }
      expect(made.length).toBe(15)
      expect(made.at(-1)).toBeLessThan(2 * 10_000 * 64)
    })

    it('scrapes 120,000 series in pieces, with turns for other work between them', async () => {
      let turns = 0
      let isScraping = true
      const work = (): void => {
        turns += 1
        if (isScraping) setImmediate(work)
      }
      setImmediate(work)
      let series = 0
      let chunks = 0
      let longest = 0
      for await (const chunk of scrape(registry)) {
        chunks += 1
        longest = Math.max(longest, chunk.length)
        series += chunk.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      }
      isScraping = false
      expect(series).toBe(120_000)
      expect(chunks).toBeGreaterThan(100)
      expect(longest).toBeLessThan(33_000)
      expect(turns).toBeGreaterThanOrEqual(chunks - 1)
    })
  })

  it('scrapes no series twice when a row is made anew meanwhile', async () => {
    const registry = new MetricRegistry({ clock: new ManualClock() })
    const rows = registry.group(partitions)
    const entity = (partition: number): ReturnType<typeof rows.entity> =>
      rows.entity({ topic: 't', partition: String(partition) })
    const all = Array.from({ length: 2000 }, (_, partition) => entity(partition))
    const names: string[] = []
    let chunks = 0
    for await (const chunk of scrape(registry)) {
      chunks += 1
      if (chunks === 2) {
        for (const row of all) row.remove()
        for (let partition = 0; partition < 2000; partition += 1) entity(partition)
      }
      for (const line of chunk.split('\n'))
        if (line !== '' && !line.startsWith('#')) names.push(line.split(' ')[0] ?? '')
    }
    expect(new Set(names).size).toBe(names.length)
    expect((await seriesOf(registry)).size).toBe(24_000)
  })
})
