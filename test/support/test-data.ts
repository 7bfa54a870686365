/** Records that are easily mirrored wrongly, and plenty of plain ones. */
import { type RecordToProduce } from '../../dev/local-kafka/topic-records.ts'

export { produceRecords } from '../../dev/local-kafka/topic-records.ts'

/** Kafka's codecs, as producers name them. */
export const allCodecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

const someTime = 1_700_000_000_000

/** Null against empty, duplicate and null headers, bytes that are no text, times out of order, a tombstone. */
export function awkwardRecords(partition = 0): RecordToProduce[] {
  return [
    { partition, key: null, value: null, timestamp: someTime },
    { partition, key: '', value: '', timestamp: someTime - 5_000 },
    { partition, key: 'tombstone', value: null, timestamp: someTime + 1 },
    { partition, key: Buffer.from([0, 0xff, 0xfe, 0x80]), value: Buffer.from([0xc3, 0x28, 0]), timestamp: 0 },
    {
      partition,
      key: 'headers',
      value: 'v',
      timestamp: someTime + 2,
      headers: [
        { key: 'twice', value: 'first' },
        { key: 'null', value: null },
        { key: 'twice', value: 'second' },
        { key: '', value: '' },
        { key: 'größe', value: Buffer.from([0xff]) }
      ]
    }
  ]
}

/** `count` records with keys `0`..., values of `valueBytes` that tell them apart and compress somewhat, times that rise. */
export function plainRecords(count: number, valueBytes = 100, partition?: number): RecordToProduce[] {
  return Array.from({ length: count }, (_, index) => ({
    ...(partition === undefined ? {} : { partition }),
    key: String(index),
    value: `${index}:`.padEnd(valueBytes, `value ${index} `),
    timestamp: someTime + index
  }))
}
