import { expect, it } from 'vitest'
import { encodeBatch } from '../../../src/wire/record.ts'
import { batchRecordCount } from '../../../src/wire/record-batch.ts'
import { ProducerBench } from '../../support/fake-target/producer-bench.ts'

it('sends each batch of a run in a request of its own, and settles the run once, as one stretch of the log', async () => {
  const bench = await ProducerBench.warm()
  await bench.sendRun('t-0', [[9_000, 9_000], [9_000], [20, 20], [9_000]])
  expect(bench.producer.outstandingBatches).toBe(1)
  await bench.finish()
  expect(bench.problems()).toEqual([])
  expect(bench.target.seen.map(({ bytes }) => batchRecordCount(bytes, 0))).toEqual([2, 1, 2, 1])
  expect(bench.settled.get('t-0')?.[1]?.runs).toEqual([{ firstIndex: 0, count: 6, baseOffset: 1n }])
})

it('tells what became of each stretch of a run of which one batch is too large and one record never fits', async () => {
  const bench = await ProducerBench.warm()
  for (const log of bench.target.partitions.values()) log.maxMessageBytes = 10_000
  await bench.sendRun('t-0', [[9_000], [6_000, 11_000, 6_000], [9_000]])
  await bench.finish()
  expect(bench.problems()).toEqual([])
  const settled = bench.settled.get('t-0')?.[1]
  expect(settled?.runs).toEqual([
    { firstIndex: 0, count: 2, baseOffset: 1n },
    { firstIndex: 3, count: 2, baseOffset: 3n }
  ])
  expect(settled?.refused.map(({ firstIndex, count }) => [firstIndex, count])).toEqual([[2, 1]])
})

it('refuses bytes that are no batch behind one, and counts that do not fit', async () => {
  const bench = await ProducerBench.warm()
  const batch = await encodeBatch([{ timestamp: 1n, key: null, value: null }])
  const send = (records: Buffer, recordCount: number) => () => {
    bench.producer.send('t', 0, { records, recordCount, settled: () => expect.unreachable() })
  }
  expect(send(Buffer.concat([batch, Buffer.from('junk')]), 1)).toThrow(
    'B: t-0: what the task polled cannot be sent: its record batches hold 1 records in 68 bytes, not 1 in 72'
  )
  expect(send(Buffer.concat([batch, batch]), 3)).toThrow('hold 2 records in 136 bytes, not 3 in 136')
  expect(bench.producer.outstandingBatches).toBe(0)
})
