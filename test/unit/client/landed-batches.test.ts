import { describe, expect, it } from 'vitest'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { type RequestFault } from '../../support/fake-target/fake-target.ts'
import { ProducerBench } from '../../support/fake-target/producer-bench.ts'

const key = 't-0'
const hourMs = 3_600_000

/** A bench whose producer has batches in flight when the next request meets `fault`. */
async function benchBefore(fault: RequestFault, { ageMs = 2 * hourMs, warm = true } = {}): Promise<ProducerBench> {
  const bench = new ProducerBench()
  bench.target.addPartition(key)
  bench.timestamp = BigInt(bench.clock.now() - ageMs)
  if (warm) {
    await bench.send(key, [20])
    await bench.finish()
  }
  let isFirst = true
  bench.target.requestFault = () => {
    if (!isFirst) return null
    isFirst = false
    return fault
  }
  bench.target.seen.length = 0
  for (const bytes of [9_000, 9_001, 9_002]) await bench.send(key, [bytes, 10])
  return bench
}

describe('a producer that lost an answer', () => {
  it.each([true, false])('finds old records that were stored before a crash, after others: %s', async (warm) => {
    const bench = await benchBefore('crash', { warm })
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen.map(({ sequence }) => sequence)).toEqual(warm ? [1, 3, 5] : [0, 2, 4])
  })

  it('sends old records again that are not in the log', async () => {
    const bench = await benchBefore('cut-before')
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.partitions.get(key)?.values.length).toBe(7)
  })

  it('leaves recent records to the broker, who knows them again', async () => {
    const bench = await benchBefore('cut-after', { ageMs: hourMs - 1_000 })
    bench.target.readError = brokerErrors.TOPIC_AUTHORIZATION_FAILED
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.messages('warn')).toEqual([])
  })

  it('looks also where the broker has lost the sequence, before a new producer id hides what landed', async () => {
    const bench = await benchBefore('crash', { ageMs: 0 })
    const log = bench.target.partitions.get(key)
    bench.target.batchFault = ({ sequence, requestId }) => {
      if (sequence !== 1 || requestId < 3) return null
      return { errorCode: brokerErrors.OUT_OF_ORDER_SEQUENCE_NUMBER }
    }
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(log?.values.length).toBe(7)
  })

  it('waits until the log can be read, and sends nothing meanwhile', async () => {
    const bench = await benchBefore('crash')
    bench.target.readError = brokerErrors.KAFKA_STORAGE_ERROR
    await bench.clock.advance(20_000)
    expect(bench.target.seen.length).toBe(1)
    bench.target.readError = 0
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.messages('warn')).toEqual([
      expect.stringMatching(/^B: t-0: not known yet .* Fetch: KAFKA_STORAGE_ERROR/)
    ])
    expect(bench.messages('info')).toEqual([expect.stringContaining('takes records again')])
  })

  it('asks the new leader where the old one is gone', async () => {
    const bench = await benchBefore('crash')
    await bench.clock.advance(0)
    bench.target.moveLeader(key, 2)
    await bench.finish()
    expect(bench.problems()).toEqual([])
  })

  it('says that old records may be there twice where it may not read the topic', async () => {
    const bench = await benchBefore('crash')
    bench.target.readError = brokerErrors.TOPIC_AUTHORIZATION_FAILED
    await bench.finish()
    expect(bench.target.partitions.get(key)?.values.length).toBeGreaterThan(7)
    expect(bench.messages('warn')).toEqual([expect.stringContaining('Allow this principal to Read the topic')])
  })
})
