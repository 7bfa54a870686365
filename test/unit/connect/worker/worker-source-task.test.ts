import { afterEach, beforeEach, expect, test } from 'vitest'
import { deferred } from '../../../../src/base/deferred.ts'
import { type OutgoingBatch, type RawProducer } from '../../../../src/client/raw-producer.ts'
import { type SourceBatch, type SourcePartition } from '../../../../src/connect/source-batch.ts'
import { type SourceTask, type SourceTaskContext } from '../../../../src/connect/source-task.ts'
import { type SourceOffsetStore } from '../../../../src/connect/worker/offset-committer.ts'
import { type CommittableOffset } from '../../../../src/connect/worker/submitted-batches.ts'
import { WorkerSourceTask } from '../../../../src/connect/worker/worker-source-task.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const partition: SourcePartition = { fields: { cluster: 'A', partition: 0, topic: 't' } }

class ToyTask implements SourceTask {
  readonly calls: string[] = []
  readonly released: bigint[] = []
  startFailure: Error | undefined
  /** Of the next poll. */
  batches: SourceBatch[] = []
  pollFailure: Error | undefined
  #poll = deferred<undefined>()

  async start(context: SourceTaskContext): Promise<void> {
    this.calls.push('start')
    if (this.startFailure !== undefined) throw this.startFailure
    await context.storedOffsets([partition])
  }

  async poll(): Promise<readonly SourceBatch[]> {
    if (this.batches.length === 0) await this.#poll.promise
    if (this.pollFailure !== undefined) throw this.pollFailure
    const { batches } = this
    this.batches = []
    return batches
  }

  give(lastOffset: bigint, recordCount = 1): void {
    this.batches.push({
      sourcePartition: partition,
      ...{ firstOffset: lastOffset, lastOffset, recordCount, records: Buffer.alloc(1) },
      ...{ targetTopic: 'A.t', targetPartition: 0 },
      release: () => this.released.push(lastOffset)
    })
    this.wake()
  }

  wake(): void {
    this.#poll.resolve(undefined)
    this.#poll = deferred()
  }

  batchSettled(batch: SourceBatch): void {
    this.calls.push(`settled ${batch.lastOffset}`)
  }

  async commit(): Promise<void> {
    this.calls.push('commit')
    await Promise.resolve()
  }

  async stop(): Promise<void> {
    this.calls.push('stop')
    this.wake()
    await Promise.resolve()
  }
}

class ToyProducer implements RawProducer {
  readonly sent: OutgoingBatch[] = []
  isClosed = false
  isAway = false
  /** What a flush waits for. */
  drained: Promise<undefined> | undefined

  send(_topic: string, _partition: number, batch: OutgoingBatch): void {
    this.sent.push(batch)
  }

  get outstandingBatches(): number {
    return this.sent.length
  }

  settle(count = this.sent.length): void {
    for (const batch of this.sent.splice(0, count)) batch.settled([{ firstIndex: 0, count: 1, baseOffset: 0n }], [])
  }

  readonly flushTimeouts: number[] = []

  async flush(timeoutMs: number): Promise<boolean> {
    this.flushTimeouts.push(timeoutMs)
    if (this.drained !== undefined) await this.drained
    if (!this.isAway) this.settle()
    return await Promise.resolve(!this.isAway)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.resolve()
  }
}

class ToyStore implements SourceOffsetStore {
  readonly stored: bigint[] = []
  isHanging = false
  isFailing = false

  async get(partitions: readonly SourcePartition[]): Promise<undefined[]> {
    if (this.isHanging) await new Promise(() => undefined)
    return await Promise.resolve(partitions.map(() => undefined))
  }

  async put(offsets: readonly CommittableOffset[]): Promise<void> {
    await Promise.resolve()
    if (this.isFailing) throw new Error('the store is away')
    this.stored.push(...offsets.map(({ offset }) => offset))
  }
}

let clock: ManualClock
let task: ToyTask
let producer: ToyProducer
let offsetStore: ToyStore
let lines: string[]
let worker: WorkerSourceTask | undefined

beforeEach(() => {
  clock = new ManualClock()
  task = new ToyTask()
  producer = new ToyProducer()
  offsetStore = new ToyStore()
  lines = []
})

/** However a worker ends, the producer is closed, the task stopped once, and no timer left. */
afterEach(async () => {
  await worker?.stop()
  expect(producer.isClosed).toBe(true)
  expect(task.calls.filter((call) => call === 'stop')).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

async function run(): Promise<WorkerSourceTask> {
  worker = new WorkerSourceTask({
    ...{ id: 'test-0', task, producer, offsetStore, offsetFlushIntervalMs: 1_000, gracefulStopTimeoutMs: 5_000 },
    clock,
    logger: recordingLogger(lines)
  })
  await clock.advance(0)
  return worker
}

test('stores the position of what is acknowledged, in order, at intervals', async () => {
  await run()
  for (const offset of [1n, 2n, 3n]) task.give(offset)
  await clock.advance(10)
  producer.settle(2)
  expect(task.released).toEqual([1n, 2n])
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([2n])
  expect(task.calls).toEqual(['start', 'settled 1', 'settled 2', 'commit'])
})

test('a batch without records is released at once, and its position stored once those before it are acknowledged', async () => {
  await run()
  task.give(1n)
  task.give(2n, 0)
  await clock.advance(1_000)
  expect([task.released, offsetStore.stored]).toEqual([[2n], []])
  producer.settle()
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([2n])
})

test('positions that could not be stored are stored by the next flush', async () => {
  await run()
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  offsetStore.isFailing = true
  await clock.advance(1_000)
  expect(lines).toEqual([expect.stringContaining('Source positions could not be stored')])
  expect(task.calls).not.toContain('commit')
  offsetStore.isFailing = false
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([1n])
})

test('a stop waits for what was fetched, and stores its position', async () => {
  const running = await run()
  task.give(1n)
  await clock.advance(10)
  await running.stop()
  expect([offsetStore.stored, await running.done]).toEqual([[1n], undefined])
})

test('a stop ends while the target is away, and stores only what was acknowledged', async () => {
  const running = await run()
  task.give(1n)
  task.give(2n)
  await clock.advance(10)
  producer.settle(1)
  producer.isAway = true
  await running.stop()
  expect(offsetStore.stored).toEqual([1n])
  expect(lines).toEqual([expect.stringContaining('before the target acknowledged everything')])
})

test('a stop that may drain for long does, and stores positions meanwhile', async () => {
  const running = await run()
  const slowTarget = deferred<undefined>()
  producer.drained = slowTarget.promise
  task.give(1n)
  task.give(2n)
  await clock.advance(10)
  const stopped = running.stop(60_000)
  await clock.advance(500)
  producer.settle(1)
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([1n])
  slowTarget.resolve(undefined)
  await stopped
  expect(producer.flushTimeouts).toEqual([60_000])
  expect(offsetStore.stored).toEqual([1n, 2n])
})

test('a stop ends while the start waits for a store that does not answer', async () => {
  offsetStore.isHanging = true
  const running = await run()
  await running.stop()
  expect(await running.done).toBeUndefined()
})

test.each(['start', 'poll'])('a task that fails in %s ends the worker with its error', async (where) => {
  const failure = new Error('defect')
  if (where === 'start') task.startFailure = failure
  const running = await run()
  task.give(1n)
  await clock.advance(10)
  task.pollFailure = failure
  task.wake()
  expect(await running.done).toBe(failure)
  if (where === 'poll') expect(offsetStore.stored).toEqual([1n])
})
