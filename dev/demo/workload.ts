/** What the demo produces: topics that differ in what is hard about mirroring them. */
import { randomBytes } from 'node:crypto'
import { type RecordToProduce } from '../local-kafka/topic-records.ts'

export interface DemoTopic {
  readonly name: string
  readonly what: string
  readonly partitions: number
  /** Topic settings at the source. */
  readonly settings: Readonly<Record<string, string>>
  readonly compression: 'none' | 'gzip' | 'lz4'
  /** Of the live demo. */
  readonly recordsPerSecond: number
  /** Of `--once`. */
  readonly recordCount: number
  /** Of the producer in `--once`. */
  readonly producerSettings: Readonly<Record<string, string>>
  /** The `index`th record. */
  readonly record: (index: number, now: number) => RecordToProduce
  /**
   * What only `--once` produces behind them, since kafkajs cannot write it: null headers, the order of headers that
   * repeat, times that are zero and out of order.
   */
  readonly awkwardRecords: (now: number) => RecordToProduce[]
}

const none = (): RecordToProduce[] => []

/** @param prefix before the names, to keep them apart from topics of a cluster that runs already */
export function demoTopics(prefix: string): DemoTopic[] {
  return [orders, clicks, documents, events, settings].map((topic) => ({ ...topic, name: `${prefix}${topic.name}` }))
}

const orders: DemoTopic = {
  name: 'orders',
  what: 'JSON of 200 bytes, lz4',
  partitions: 6,
  settings: {},
  compression: 'lz4',
  recordsPerSecond: 400,
  recordCount: 12_000,
  producerSettings: {},
  awkwardRecords: none,
  record: (index, now) => ({
    partition: index % 6,
    timestamp: now,
    key: `customer-${index % 1_000}`,
    value: JSON.stringify({ order: index, article: `article ${index % 97}`, note: 'as agreed '.repeat(12), at: now })
  })
}

const clicks: DemoTopic = {
  name: 'clicks',
  what: '60 bytes, in small batches',
  partitions: 3,
  settings: {},
  compression: 'none',
  recordsPerSecond: 1_000,
  recordCount: 15_000,
  producerSettings: { 'batch.size': '400' },
  awkwardRecords: none,
  record: (index, now) => ({ partition: index % 3, timestamp: now, value: `click ${index} `.padEnd(60, '.') })
}

const documents: DemoTopic = {
  name: 'documents',
  what: 'large: 100 to 700 KB',
  partitions: 2,
  settings: {},
  compression: 'none',
  recordsPerSecond: 2,
  recordCount: 30,
  producerSettings: {},
  awkwardRecords: none,
  record: (index, now) => ({
    partition: index % 2,
    timestamp: now,
    key: `document-${index}`,
    value: randomBytes(100_000 * (1 + (index % 7)))
  })
}

const events: DemoTopic = {
  name: 'events',
  what: 'headers, nulls, odd times',
  partitions: 1,
  settings: {},
  compression: 'gzip',
  recordsPerSecond: 50,
  recordCount: 2_000,
  producerSettings: {},
  awkwardRecords: awkwardEvents,
  record: (index, now) => ({
    partition: 0,
    timestamp: now,
    key: index % 3 === 0 ? null : Buffer.from([0, 0xff, index % 256]),
    value: index % 5 === 0 ? '' : `event ${index}`,
    headers: [
      { key: 'trace', value: `${index}` },
      { key: 'retry', value: 'first' },
      { key: 'bytes', value: Buffer.from([0xc3, 0x28, index % 256]) },
      { key: 'retry', value: 'second' },
      { key: 'größe', value: '' }
    ]
  })
}

const settings: DemoTopic = {
  name: 'settings',
  what: 'compacted, with tombstones',
  partitions: 2,
  settings: { 'cleanup.policy': 'compact' },
  compression: 'none',
  recordsPerSecond: 20,
  recordCount: 1_000,
  producerSettings: {},
  awkwardRecords: none,
  record: (index, now) => ({
    partition: index % 2,
    timestamp: now,
    key: `setting-${index % 100}`,
    value: index % 10 >= 8 ? null : `value ${index}`
  })
}

function awkwardEvents(now: number): RecordToProduce[] {
  return [
    { partition: 0, timestamp: 0, key: null, value: null },
    { partition: 0, timestamp: now + 1_000, key: '', value: '', headers: [{ key: 'null', value: null }] },
    { partition: 0, timestamp: now - 5_000, key: 'a', value: null, headers: [{ key: '', value: '' }] },
    {
      partition: 0,
      timestamp: now,
      key: 'order',
      value: 'v',
      headers: [
        { key: '2', value: 'x' },
        { key: '1', value: null },
        { key: '2', value: 'x' },
        { key: '1', value: Buffer.alloc(20_000, 7) }
      ]
    }
  ]
}
