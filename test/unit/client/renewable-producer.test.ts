import { expect, test } from 'vitest'
import { type OutgoingBatch } from '../../../src/client/raw-producer.ts'
import { RenewableProducer } from '../../../src/client/renewable-producer.ts'
import { ToyProducer } from '../../support/worker-toys.ts'

const batch: OutgoingBatch = { records: Buffer.alloc(1), recordCount: 1, settled: () => undefined }

test('what a producer held when it was renewed is given up, and what comes later goes out, until it is closed', async () => {
  const made: ToyProducer[] = []
  const producer = new RenewableProducer(() => {
    const toy = new ToyProducer()
    made.push(toy)
    return toy
  })
  producer.send('t', 0, batch)
  await producer.renew()
  producer.send('t', 0, batch)
  expect(made.map(({ sends, isClosed }) => ({ sends, isClosed }))).toEqual([
    { sends: 1, isClosed: true },
    { sends: 1, isClosed: false }
  ])
  expect(producer.outstandingBatches).toBe(1)
  await producer.close()
  await producer.renew()
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true])
})
