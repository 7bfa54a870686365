import { describe, expect, it } from 'vitest'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { batchRecordCount } from '../../../src/wire/record-batch.ts'
import { networkError, type SeenBatch } from '../../support/fake-target/fake-target.ts'
import { ProducerBench } from '../../support/fake-target/producer-bench.ts'

const small = [20]

/** A batch for t-0 has waited for a minute for its leader, which cannot be reached. */
async function benchThatMisses(isClusterReachable = true): Promise<ProducerBench> {
  const bench = new ProducerBench()
  bench.target.addPartition('t-0')
  bench.target.unreachable.set(1, networkError)
  bench.target.isReachable = isClusterReachable
  await bench.send('t-0', small)
  await bench.clock.advance(60_000)
  return bench
}

async function sendMany(bench: ProducerBench, key: string, count: number, bytes = 9_000): Promise<void> {
  for (let index = 0; index < count; index++) await bench.send(key, [bytes])
}

function requestsOf(batches: readonly SeenBatch[]): string[][] {
  const byRequest = new Map<number, string[]>()
  for (const { requestId, key } of batches) byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), key])
  return [...byRequest.values()]
}

describe('a raw producer', () => {
  it('sends what one turn hands in as one request with each partition once', async () => {
    const bench = await ProducerBench.warm(3)
    const keys = ['t-0', 't-1', 't-2', 't-0', 't-1', 't-0']
    const sends = await Promise.all(keys.map(async (key) => await bench.prepare(key, [9_000])))
    for (const send of sends) send()
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(requestsOf(bench.target.seen).map((request) => request.toSorted())).toEqual([
      ['t-0', 't-1', 't-2'],
      ['t-0', 't-1'],
      ['t-0']
    ])
  })

  it('sends no more at once than a request may hold, the partitions that waited first', async () => {
    const bench = await ProducerBench.warm(4)
    const keys = ['t-0', 't-1', 't-2', 't-3', 't-0', 't-1', 't-2', 't-3']
    const sends = await Promise.all(keys.map(async (key) => await bench.prepare(key, [3_000_000])))
    for (const log of bench.target.partitions.values()) log.maxMessageBytes = 4_000_000
    for (const send of sends) send()
    await bench.finish()
    expect(requestsOf(bench.target.seen)).toEqual([
      ['t-0', 't-1'],
      ['t-2', 't-3'],
      ['t-0', 't-1'],
      ['t-2', 't-3']
    ])
  })

  it('lets the first batch go alone and pipelines after its acknowledgement', async () => {
    const bench = new ProducerBench()
    bench.target.addPartition('t-0').maxMessageBytes = 10_000
    // Were the others sent beside it, the broker would take them first and never the first one.
    await bench.send('t-0', [6_000, 6_000])
    await sendMany(bench, 't-0', 3)
    await bench.finish()
    expect(bench.problems()).toEqual([])
  })

  it('merges small batches that wait and settles each with its own offset', async () => {
    const bench = await ProducerBench.warm()
    bench.target.answerDelayMs = 10
    for (let index = 0; index < 40; index++) await bench.send('t-0', [10, 20, 30])
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen.length).toBeLessThan(12)
    expect(bench.settled.get('t-0')?.[40]?.runs).toEqual([{ firstIndex: 0, count: 3, baseOffset: 118n }])
  })

  it('sends identical bytes again after lost answers, and the broker recognises them', async () => {
    const bench = await ProducerBench.warm()
    let losses = 1
    bench.target.requestFault = () => (losses-- > 0 ? 'cut-after' : null)
    await sendMany(bench, 't-0', 5)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    const [first, second] = bench.target.seen.filter(({ sequence }) => sequence === 1)
    expect(second?.bytes.equals(first?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  it('keeps no more batches of a partition unacknowledged than a broker remembers', async () => {
    const bench = await ProducerBench.warm(1, { maxInFlightRequests: 20 })
    let silences = 1
    bench.target.requestFault = () => (silences-- > 0 ? 'silent' : null)
    await sendMany(bench, 't-0', 9)
    await bench.finish()
    expect(bench.problems()).toEqual([])
  })

  it('repairs the first failed batch and forgives the 45 of those behind it', async () => {
    const bench = await ProducerBench.warm()
    let failures = 2
    bench.target.batchFault = ({ sequence }) =>
      sequence === 2 && failures-- > 0 ? { errorCode: brokerErrors.NOT_ENOUGH_REPLICAS } : null
    await sendMany(bench, 't-0', 5)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(new Set(bench.target.seen.map(({ producerId }) => producerId)).size).toBe(1)
    expect(bench.log).toEqual([])
  })

  it('settles in order when a batch that timed out was stored', async () => {
    const bench = await ProducerBench.warm()
    let failures = 1
    bench.target.batchFault = ({ sequence }) =>
      sequence === 1 && failures-- > 0 ? { errorCode: brokerErrors.REQUEST_TIMED_OUT, stored: true } : null
    await sendMany(bench, 't-0', 4)
    await bench.finish()
    expect(bench.problems()).toEqual([])
  })

  it('follows the leader only once nothing is in flight at the old one', async () => {
    const bench = await ProducerBench.warm(2)
    bench.target.answerDelayMs = 20
    await sendMany(bench, 't-0', 3)
    await bench.clock.advance(1)
    bench.target.moveLeader('t-0', 2)
    await sendMany(bench, 't-0', 3)
    await bench.send('t-1', small)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen.at(-1)?.nodeId).toBe(2)
  })

  it('takes a new producer id when the broker lost its state, and resumes after the last acknowledgement', async () => {
    const bench = await ProducerBench.warm(2)
    bench.target.partitions.get('t-0')?.loseSequence(1000n)
    await sendMany(bench, 't-0', 3)
    await sendMany(bench, 't-1', 3)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen.find(({ producerId }) => producerId === 1001n)?.sequence).toBe(0)
    expect(bench.target.seen.some(({ key, producerId }) => key === 't-1' && producerId === 1001n)).toBe(false)
    expect(bench.messages('warn')).toHaveLength(1)
  })

  it('counts 46 as success at an unknown offset', async () => {
    const bench = await ProducerBench.warm()
    bench.target.batchFault = () => ({ errorCode: brokerErrors.DUPLICATE_SEQUENCE_NUMBER, stored: true })
    await bench.send('t-0', small)
    await bench.finish()
    expect(bench.settled.get('t-0')?.[1]?.runs).toEqual([{ firstIndex: 0, count: 1, baseOffset: -1n }])
  })

  it.each([true, false])('splits what is too large, whether the limit can be read: %s', async (tellsConfigs) => {
    const bench = await ProducerBench.warm()
    bench.target.tellsConfigs = tellsConfigs
    const log = bench.target.partitions.get('t-0')
    if (log !== undefined) log.maxMessageBytes = 1_000
    await bench.send('t-0', [300, 300, 300, 300, 300])
    await bench.send('t-0', [50, 2_000, 60])
    await bench.send('t-0', [2_000])
    await bench.send('t-0', small)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    const settled = bench.settled.get('t-0') ?? []
    expect(settled[1]?.runs).toEqual([{ firstIndex: 0, count: 5, baseOffset: 1n }])
    expect(settled[2]?.refused).toMatchObject([{ firstIndex: 1, count: 1 }])
    expect(settled[3]).toMatchObject({ runs: [], refused: [{ firstIndex: 0, count: 1 }] })
    // Said by whoever knows the source offsets.
    expect(bench.messages('error')).toEqual([])
    expect(settled[2]?.refused[0]?.error.message).toContain('B: t-0: records 1-1 of a batch of 3')
  })

  it('merges less where the topic takes less', async () => {
    const bench = await ProducerBench.warm()
    const log = bench.target.partitions.get('t-0')
    if (log !== undefined) log.maxMessageBytes = 1_000
    for (let index = 0; index < 40; index++) await bench.send('t-0', [100])
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen.some(({ bytes }) => bytes.length <= 1_000 && batchRecordCount(bytes, 0) > 1)).toBe(true)
  })

  it('stops a partition that an operator must repair, tells once, and lets the others go on', async () => {
    const bench = await ProducerBench.warm(2)
    let refuses = true
    bench.target.batchFault = ({ key }) =>
      refuses && key === 't-0'
        ? { errorCode: brokerErrors.INVALID_RECORD, recordErrors: [{ batchIndex: 3, message: 'no key' }] }
        : null
    await sendMany(bench, 't-0', 2)
    await sendMany(bench, 't-1', 8)
    await bench.clock.advance(120_000)
    expect(bench.settled.get('t-1')).toHaveLength(9)
    expect(bench.states).toEqual(['blocked t-0'])
    expect(bench.messages('error')).toHaveLength(1)
    expect(bench.messages('error')[0]).toContain('record 3 of the batch is refused (no key)')
    expect(bench.target.seen.filter(({ key }) => key === 't-0').length).toBeLessThan(15)
    refuses = false
    await bench.finish()
    expect(bench.states).toEqual(['blocked t-0', 'resumed t-0'])
    expect(bench.problems()).toEqual([])
  })

  it('bears an unclear answer a few times before the partition counts as blocked', async () => {
    const bench = await ProducerBench.warm()
    bench.target.batchFault = () => ({ errorCode: brokerErrors.UNKNOWN_SERVER_ERROR })
    await bench.send('t-0', small)
    await bench.clock.advance(300)
    expect(bench.states).toEqual([])
    await bench.clock.advance(10_000)
    expect(bench.states).toEqual(['blocked t-0'])
  })

  it('warns once when too few replicas are in sync, and once more when that is over', async () => {
    const bench = await ProducerBench.warm()
    bench.target.batchFault = () => ({ errorCode: brokerErrors.NOT_ENOUGH_REPLICAS })
    await bench.send('t-0', small)
    await bench.clock.advance(60_000)
    expect(bench.messages('warn')).toHaveLength(1)
    bench.target.batchFault = () => null
    await bench.finish()
    expect(bench.log.map(({ level }) => level)).toEqual(['warn', 'info'])
    expect(bench.states).toEqual([])
  })

  it('waits for a leader where none is known', async () => {
    const bench = new ProducerBench()
    await bench.send('t-0', small)
    await bench.clock.advance(1_000)
    bench.target.addPartition('t-0', -1)
    bench.target.moveLeader('t-0', 3)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen).toHaveLength(1)
  })

  it('waits for the leaders of many partitions with one timer, asking again and again', async () => {
    const bench = new ProducerBench()
    const keys = Array.from({ length: 100 }, (_, partition) => `t-${partition}`)
    await bench.clock.advance(1_000)
    const timers = bench.clock.pendingTimers
    for (const key of keys) await bench.send(key, small)
    await bench.clock.advance(10_000)
    expect(bench.clock.pendingTimers - timers).toBe(1)
    expect(bench.target.refreshes).toBeGreaterThan(5)
    expect(bench.messages('warn')).toHaveLength(1)
    for (const key of keys) bench.target.addPartition(key, -1)
    await bench.clock.advance(10_000)
    for (const key of keys) bench.target.moveLeader(key, 3)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    await bench.clock.advance(2_000)
    expect(bench.clock.pendingTimers).toBe(timers)
  })

  it('waits for a broker that cannot be reached with one warning, and says when it is back', async () => {
    const bench = await benchThatMisses()
    bench.target.unreachable.clear()
    await bench.finish()
    expect(bench.log.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('says that a broker is back also when nothing is left for it', async () => {
    const bench = await benchThatMisses()
    bench.target.moveLeader('t-0', 2)
    await bench.finish()
    expect(bench.log.map(({ level }) => level)).toEqual(['warn'])
    bench.target.unreachable.clear()
    await bench.clock.advance(60_000)
    expect(bench.log.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('leaves it to the cluster to say that no broker can be reached', async () => {
    const bench = await benchThatMisses(false)
    bench.target.unreachable.clear()
    await bench.finish()
    expect(bench.log).toEqual([])
  })

  it('keeps away from a broker for as long as its quota asks', async () => {
    const bench = await ProducerBench.warm()
    bench.target.throttleTimeMs = 500
    await bench.send('t-0', small)
    await bench.clock.advance(10)
    bench.target.throttleTimeMs = 0
    await bench.send('t-0', small)
    await bench.clock.advance(400)
    expect(bench.target.seen).toHaveLength(1)
    await bench.clock.advance(200)
    expect(bench.target.seen).toHaveLength(2)
  })

  it('asks for a producer id until the coordinator is there', async () => {
    const bench = new ProducerBench()
    bench.target.initProducerIdErrors = [
      brokerErrors.COORDINATOR_LOAD_IN_PROGRESS,
      brokerErrors.COORDINATOR_NOT_AVAILABLE,
      brokerErrors.CONCURRENT_TRANSACTIONS
    ]
    bench.target.addPartition('t-0')
    await bench.send('t-0', small)
    await bench.finish()
    expect(bench.target.seen[0]?.producerId).toBe(1000n)
    expect(bench.log).toEqual([])
  })

  it('produces without a producer id, one batch at a time, where it may not have one', async () => {
    const bench = new ProducerBench()
    bench.target.initProducerIdErrors = [brokerErrors.CLUSTER_AUTHORIZATION_FAILED]
    bench.target.addPartition('t-0')
    let failures = 2
    bench.target.batchFault = () => (failures-- > 0 ? { errorCode: brokerErrors.NOT_ENOUGH_REPLICAS } : null)
    await sendMany(bench, 't-0', 6)
    await bench.finish()
    expect(bench.problems()).toEqual([])
    expect(bench.target.seen[0]).toMatchObject({ producerId: -1n, sequence: -1 })
    expect(bench.messages('warn')).toHaveLength(1)
  })

  it('stops a partition whose codec the broker is too old for', async () => {
    const bench = new ProducerBench()
    bench.target.produceVersion = 6
    bench.target.addPartition('t-0')
    await bench.send('t-0', [20], 4)
    await bench.clock.advance(100)
    expect(bench.states).toEqual(['blocked t-0'])
    expect(bench.target.seen).toEqual([])
  })

  it('sends a batch alone again after an hour of silence', async () => {
    const bench = await ProducerBench.warm()
    bench.target.partitions.get('t-0')?.forgetProducers()
    await bench.clock.advance(3_700_000)
    const log = bench.target.partitions.get('t-0')
    if (log !== undefined) log.maxMessageBytes = 10_000
    await bench.send('t-0', [6_000, 6_000])
    await sendMany(bench, 't-0', 3)
    await bench.finish()
    expect(bench.problems()).toEqual([])
  })

  it('flushes what was sent before and not what comes later', async () => {
    const bench = await ProducerBench.warm(2)
    await bench.send('t-0', small)
    const flushed = bench.producer.flush(1_000)
    bench.target.batchFault = ({ key }) => (key === 't-1' ? { errorCode: brokerErrors.NOT_ENOUGH_REPLICAS } : null)
    await bench.send('t-1', small)
    const late = bench.producer.flush(1_000)
    await bench.clock.advance(2_000)
    expect(await flushed).toBe(true)
    expect(await late).toBe(false)
  })

  it('settles nothing after it is closed and leaves no timer behind', async () => {
    const bench = await ProducerBench.warm(2)
    bench.target.batchFault = ({ key }) => (key === 't-1' ? { errorCode: brokerErrors.NOT_ENOUGH_REPLICAS } : null)
    await bench.send('t-0', small)
    await bench.send('t-1', small)
    const flushed = bench.producer.flush(60_000)
    await bench.clock.advance(2)
    await bench.send('t-0', small)
    await bench.clock.advance(0)
    await bench.producer.close()
    await bench.clock.advance(2)
    expect(bench.clock.pendingTimers).toBe(0)
    expect(await flushed).toBe(false)
    expect(bench.settled.get('t-0')).toHaveLength(2)
    expect(bench.settled.get('t-1')).toHaveLength(1)
  })
})

it('keeps what is queued while it may not write, and sends it in order once it may', async () => {
  let mayWrite = true
  const bench = new ProducerBench({}, { mayWrite: () => mayWrite })
  bench.target.addPartition('t-0')
  await bench.send('t-0', small)
  await bench.finish()
  mayWrite = false
  bench.target.seen.length = 0
  for (let count = 0; count < 3; count++) await bench.send('t-0', [9_000])
  await bench.clock.advance(60_000)
  expect(bench.target.seen).toEqual([])
  mayWrite = true
  await bench.finish()
  expect(bench.target.seen.length).toBeGreaterThan(0)
  expect(bench.problems()).toEqual([])
})
