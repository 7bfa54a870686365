import { expect, it } from 'vitest'
import { compareTopics } from '../../../../dev/demo/compare-topics.ts'
import { type TopicRecord } from '../../../../dev/local-kafka/topic-records.ts'

function record(offset: number, changes: Partial<TopicRecord> = {}): TopicRecord {
  return {
    partition: 0,
    offset: BigInt(offset),
    timestamp: 5n,
    timestampType: 'CreateTime',
    key: Buffer.from('k'),
    value: Buffer.from(`v${offset}`),
    headers: [
      { key: 'a', value: null },
      { key: 'b', value: Buffer.from('1') }
    ],
    ...changes
  }
}

const source = [record(0), record(1), record(2), record(0, { partition: 1, key: null, value: null })]

it('finds nothing between equal topics, whatever their offsets and the order of partitions', () => {
  const target = source.map((one) => ({ ...one, offset: one.offset + 7n })).reverse()
  expect(compareTopics(source, target, 4)).toEqual({ records: 4, bytes: 9, headers: 8, tombstones: 0, differences: [] })
})

it.each<[string, Partial<TopicRecord>]>([
  ['key', { key: Buffer.alloc(0) }],
  ['value', { value: null }],
  ['timestamp', { timestamp: 6n }],
  ['timestamp', { timestampType: 'LogAppendTime' }],
  [
    'headers',
    {
      headers: [
        { key: 'a', value: Buffer.alloc(0) },
        { key: 'b', value: Buffer.from('1') }
      ]
    }
  ],
  [
    'headers',
    {
      headers: [
        { key: 'b', value: Buffer.from('1') },
        { key: 'a', value: null }
      ]
    }
  ]
])('names a %s that differs and where', (field, changes) => {
  const target = source.with(1, record(1, changes))
  expect(compareTopics(source, target, 4).differences).toEqual([
    `partition 0, record 1 (source offset 1): ${field} differs`
  ])
})

it('sees records that are missing, exchanged, doubled or in another partition', () => {
  const targets = [
    source.slice(0, 2),
    [record(1), record(0), ...source.slice(2)],
    [...source, record(3)],
    source.with(3, record(3, { key: null, value: null }))
  ].map((target) => target.map((one, index) => ({ ...one, offset: BigInt(index) })))
  for (const target of targets) expect(compareTopics(source, target, 4).differences).not.toEqual([])
})

it('is not content with a source that has less than was produced', () => {
  expect(compareTopics([], [], 4).differences).toEqual(['4 records were produced, the source has 0'])
})
