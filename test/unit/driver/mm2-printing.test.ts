import { expect, it } from 'vitest'
import { type LogRecord } from '../../../src/client/log-reader.ts'
import { RecordPrinter, type RecordPrinterOptions } from '../../../src/driver/mm2-printing.ts'
import { checkpointRecords } from '../../support/written-mirror.ts'

const [first, other, second] = checkpointRecords(
  { topic: 'A.orders', upstreamOffset: 2n ** 60n, downstreamOffset: 5n },
  { topic: 'A.clicks', consumerGroupId: 'other', upstreamOffset: 7n, downstreamOffset: 7n },
  { topic: 'A.orders', upstreamOffset: 20n, downstreamOffset: 15n }
)

/** What is printed of three records, and of a fourth that comes once the topic has been read. */
function printed(changes: Partial<RecordPrinterOptions>, later?: { key: Buffer; value: Buffer | null }): string[] {
  const lines: string[] = []
  const printer = new RecordPrinter({
    ...{ command: 'checkpoints', json: false, fromBeginning: false, follow: false },
    ...{ group: undefined, topic: undefined },
    print: (line) => lines.push(line),
    complain: (line) => lines.push(`! ${line}`),
    ...changes
  })
  const take = (record: { key: Buffer; value: Buffer | null } | undefined, offset: bigint): void => {
    if (record !== undefined) printer.take({ partition: 0, timestamp: 0n, offset, ...record } satisfies LogRecord)
  }
  for (const [offset, record] of [first, other, second].entries()) take(record, BigInt(offset))
  printer.caughtUp()
  take(later, 3n)
  return lines
}

const line = (group: string, topic: string, upstream: bigint, downstream: bigint): string =>
  `Checkpoint{consumerGroupId=${group}, topicPartition=${topic}, upstreamOffset=${upstream}, downstreamOffset=${downstream}, metadata=}`
const all = [
  line('billing', 'A.orders-0', 2n ** 60n, 5n),
  line('other', 'A.clicks-0', 7n, 7n),
  line('billing', 'A.orders-0', 20n, 15n)
]

it('a topic is printed as it stands, or record by record', () => {
  expect(printed({})).toEqual(all.slice(1))
  expect(printed({ fromBeginning: true })).toEqual(all)
})

it('a topic that is followed is printed from now on, or from its beginning on', () => {
  expect(printed({ follow: true }, first)).toEqual(all.slice(0, 1))
  expect(printed({ follow: true, fromBeginning: true }, first)).toEqual([...all, all[0]])
})

it('records are selected by group and topic', () => {
  expect(printed({ group: 'other' })).toEqual(all.slice(1, 2))
  expect(printed({ topic: 'A.orders' })).toEqual(all.slice(2))
})

it('offsets are numbers in JSON, whatever their size', () => {
  const [line = ''] = printed({ json: true, fromBeginning: true })
  expect(line).toContain('"upstreamOffset":1152921504606846976,"downstreamOffset":5')
  expect(JSON.parse(line)).toMatchObject({ consumerGroupId: 'billing', topic: 'A.orders', partition: 0, metadata: '' })
})

it('tombstones print nothing, and what cannot be read is told with its offset', () => {
  expect(printed({ follow: true }, { key: first?.key ?? Buffer.alloc(0), value: null })).toEqual([])
  expect(printed({ follow: true }, { key: Buffer.alloc(0), value: Buffer.alloc(0) })).toEqual([
    expect.stringMatching(/^! Record 3 cannot be read: Not a checkpoint/)
  ])
})

it('what is kept of a topic until it has been read is copied out of the answer', () => {
  const lines: string[] = []
  const printer = new RecordPrinter({
    ...{ command: 'checkpoints', json: false, fromBeginning: false, follow: false },
    ...{ group: undefined, topic: undefined, print: (line) => lines.push(line), complain: () => undefined }
  })
  const [record = { key: Buffer.alloc(0), value: null }] = checkpointRecords({ topic: 'A.orders' })
  printer.take({ partition: 0, timestamp: 0n, offset: 0n, ...record })
  record.key.fill(0)
  record.value?.fill(0xff)
  printer.caughtUp()
  expect(lines).toEqual([line('billing', 'A.orders-0', 0n, 0n)])
})
