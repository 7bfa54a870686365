import { afterEach, beforeEach, expect, test } from 'vitest'
import { deferred } from '../../../../src/base/deferred.ts'
import { MirrorError } from '../../../../src/base/errors.ts'
import { WorkerSourceTask, type WorkerSourceTaskOptions } from '../../../../src/connect/worker/worker-source-task.ts'
import { silentTaskObserver } from '../../../../src/connect/worker/worker-observer.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ToyProducer, ToyStore, ToyTask } from '../../../support/worker-toys.ts'

let clock: ManualClock
let task: ToyTask
let producer: ToyProducer
let offsetStore: ToyStore
let lines: string[]
let worker: WorkerSourceTask | undefined
let states: string[]

beforeEach(() => {
  clock = new ManualClock()
  task = new ToyTask()
  producer = new ToyProducer()
  offsetStore = new ToyStore()
  lines = []
  states = []
})

/** However a worker ends, the producer is closed, the task stopped once, and no timer left. */
afterEach(async () => {
  await worker?.stop()
  expect(producer.isClosed).toBe(true)
  expect(task.calls.filter((call) => call === 'stop')).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
})

async function run(options: Partial<WorkerSourceTaskOptions> = {}): Promise<WorkerSourceTask> {
  worker = new WorkerSourceTask({
    ...{ id: 'test-0', task, producer, offsetStore, offsetFlushIntervalMs: 1_000, gracefulStopTimeoutMs: 5_000 },
    report: (state, error) => {
      states.push(error === undefined ? state : `${state} ${error.message}`)
    },
    clock,
    logger: recordingLogger(lines),
    ...options
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
  // Without a pipeline nothing on the way of a batch looks into it.
  expect(task.acceptsRuns).toBe(true)
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

test.each([
  [undefined, [3n]],
  [true, [1n]]
])('positions go beyond records that the target refuses, unless the task stops at them: %s', async (stops, stored) => {
  task = Object.assign(new ToyTask(), { stopsAtRefusal: stops })
  await run()
  for (const offset of [1n, 2n, 3n]) task.give(offset)
  await clock.advance(10)
  producer.settle(1)
  producer.sent.shift()?.settled([], [{ firstIndex: 0, count: 1, error: new MirrorError('MIRROR_RECORD_REFUSED', '') }])
  producer.settle()
  await clock.advance(1_000)
  expect([offsetStore.stored, task.released]).toEqual([stored, [1n, 2n, 3n]])
})

/** A task that has something to save before positions are stored. */
class PreparingTask extends ToyTask {
  failure: Error | undefined
  prepared: () => void = () => undefined

  async prepareCommit(): Promise<void> {
    this.calls.push(`prepare after ${offsetStore.puts} puts`)
    await Promise.resolve()
    if (this.failure !== undefined) throw this.failure
    this.prepared()
  }

  async close(): Promise<void> {
    this.calls.push('close')
    await Promise.resolve()
  }
}

test('a task prepares each commit before positions are stored, where there are any, and is closed after the last', async () => {
  task = new PreparingTask()
  const running = await run()
  await clock.advance(1_000)
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  await clock.advance(1_000)
  task.give(2n)
  await clock.advance(10)
  await running.stop()
  expect(task.calls).toEqual([
    ...['start', 'commit', 'settled 1', 'prepare after 0 puts', 'commit'],
    ...['stop', 'settled 2', 'prepare after 1 puts', 'commit', 'close']
  ])
  expect(offsetStore.stored).toEqual([1n, 2n])
})

test('nothing is stored while the task cannot prepare, which is told once and made good by a later flush', async () => {
  const preparing = new PreparingTask()
  task = preparing
  await run()
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  preparing.failure = new Error('the map cannot be written')
  await clock.advance(2_000)
  expect([offsetStore.puts, lines]).toEqual([0, [expect.stringContaining('Source positions could not be stored')]])
  expect(task.calls).not.toContain('commit')
  preparing.failure = undefined
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([1n])
})

test('a lease that is lost while the task prepares keeps its positions from being stored', async () => {
  let isHeld = true
  const preparing = new PreparingTask()
  task = preparing
  await run({ isLeaseHeld: () => isHeld })
  preparing.prepared = () => {
    isHeld = false
  }
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  await clock.advance(1_000)
  expect([task.calls.at(-1), offsetStore.puts]).toEqual(['commit', 0])
  preparing.prepared = () => undefined
  isHeld = true
  await clock.advance(1_000)
  expect(offsetStore.stored).toEqual([1n])
})

test('batches are reported as settled in the order of their source partition, those without records too', async () => {
  await run()
  for (const [offset, count] of [
    [1n, 1],
    [2n, 0],
    [3n, 1]
  ] as const)
    task.give(offset, count)
  await clock.advance(10)
  const [first, second] = producer.sent.splice(0)
  const acked = [{ firstIndex: 0, count: 1, baseOffset: 0n }]
  second?.settled(acked, [])
  expect(task.calls).toEqual(['start'])
  first?.settled(acked, [])
  expect(task.calls).toEqual(['start', 'settled 1', 'settled 2', 'settled 3'])
})

test('a stop waits for what was fetched, and stores its position', async () => {
  const running = await run()
  task.give(1n)
  await clock.advance(10)
  await running.stop()
  expect([offsetStore.stored, await running.done]).toEqual([[1n], undefined])
  expect(states).toEqual(['RUNNING', 'UNASSIGNED'])
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
  expect(states.at(-1)).toBe('FAILED defect')
  if (where === 'poll') expect(offsetStore.stored).toEqual([1n])
})

test('a pause stops polling, not storing, and a resume goes on', async () => {
  const running = await run()
  task.give(1n)
  await clock.advance(10)
  running.pause()
  task.wake()
  await clock.advance(10)
  const { polls } = task
  producer.settle()
  await clock.advance(1_000)
  expect([polls, offsetStore.stored]).toEqual([task.polls, [1n]])
  running.resume()
  await clock.advance(0)
  expect(task.polls).toBe(polls + 1)
  expect(states).toEqual(['RUNNING', 'PAUSED', 'RUNNING'])
})

test('a task that begins paused is started by the resume', async () => {
  const running = await run({ isPaused: true })
  expect([task.calls, states]).toEqual([[], ['PAUSED']])
  running.resume()
  await clock.advance(0)
  expect([task.calls, states]).toEqual([['start'], ['PAUSED', 'RUNNING']])
})

test('a task that is stopped before it was ever resumed stores and commits nothing', async () => {
  const running = await run({ isPaused: true })
  await running.stop()
  expect([task.calls, states]).toEqual([['stop'], ['PAUSED', 'UNASSIGNED']])
})

test('a cancel closes the producer at once, and what comes late is neither stored nor reported', async () => {
  const running = await run()
  task.give(1n)
  await clock.advance(10)
  const late = [...producer.sent]
  running.cancel()
  expect(producer.isClosed).toBe(true)
  for (const batch of late) batch.settled([{ firstIndex: 0, count: 1, baseOffset: 0n }], [])
  await clock.advance(60_000)
  expect([offsetStore.stored, states]).toEqual([[], ['RUNNING']])
  expect(task.calls).toEqual(['start', 'stop'])
})

test('without the lease nothing is sent and nothing stored, until it is back', async () => {
  let isHeld = true
  await run({ isLeaseHeld: () => isHeld })
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  isHeld = false
  task.give(2n)
  await clock.advance(5_000)
  expect([producer.sent, offsetStore.stored]).toEqual([[], []])
  isHeld = true
  await clock.advance(1_000)
  expect(producer.sent.map(({ recordCount }) => recordCount)).toEqual([1])
  expect(offsetStore.stored).toEqual([1n])
})

test('a stop without the lease gives back what was not sent, waits for nothing and stores nothing', async () => {
  let isHeld = true
  const running = await run({ isLeaseHeld: () => isHeld })
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  isHeld = false
  task.give(2n)
  await clock.advance(10)
  await running.stop()
  expect([producer.sends, offsetStore.stored, task.released]).toEqual([1, [], [1n, 2n]])
  expect(producer.flushTimeouts).toEqual([0])
  expect(task.calls).not.toContain('commit')
})

test('a poll that may succeed later counts as nothing, and is tried again after a pause', async () => {
  await run()
  task.pollFailure = new MirrorError('MIRROR_NETWORK', 'the source is away', { retriable: true })
  task.wake()
  task.give(1n)
  await clock.advance(500)
  task.give(1n)
  await clock.advance(2_000)
  expect(lines).toEqual([expect.stringContaining('could not poll')])
  task.pollFailure = undefined
  await clock.advance(1_000)
  expect([producer.sent.length > 0, states]).toEqual([true, ['RUNNING']])
})

/** A second batch is acknowledged while the flush of the first waits for the store, which is late for both. */
async function twoFlushesOfALateStore(): Promise<void> {
  task.give(1n)
  await clock.advance(10)
  producer.settle()
  await clock.advance(1_500)
  task.give(2n)
  await clock.advance(10)
  producer.settle()
  await clock.advance(3_000)
}

test('a store that does not answer fails the flush after offset.flush.timeout.ms, and gets no second write meanwhile', async () => {
  const commits: boolean[] = []
  const answer = deferred<undefined>()
  offsetStore.answered = answer.promise
  const observer = { ...silentTaskObserver, offsetCommit: (_ms: number, isSuccess: boolean) => commits.push(isSuccess) }
  await run({ offsetFlushTimeoutMs: 2_000, observer })
  await twoFlushesOfALateStore()
  expect([commits, offsetStore.puts]).toEqual([[false], 1])
  answer.resolve(undefined)
  await clock.advance(100)
  expect([commits, offsetStore.stored]).toEqual([
    [false, true],
    [1n, 2n]
  ])
})

test('a target topic is prepared before its first batch, and noted with each acknowledgement', async () => {
  const events: string[] = []
  let isAway = true
  await run({
    prepareTopic: async (topic) => {
      events.push(`prepare ${topic}`)
      if (isAway) throw new MirrorError('MIRROR_NETWORK', 'away', { retriable: true })
      await Promise.resolve()
    },
    noteTopic: (topic) => events.push(`note ${topic}`)
  })
  task.give(1n)
  task.give(2n)
  await clock.advance(10)
  expect(producer.sent).toEqual([])
  isAway = false
  await clock.advance(1_000)
  expect(producer.sent).toHaveLength(2)
  producer.settle()
  expect(events).toEqual(['prepare A.t', 'prepare A.t', 'note A.t', 'note A.t'])
})

test('nothing is sent to a topic that could not be made before the stop', async () => {
  const running = await run({
    prepareTopic: () => Promise.reject(new MirrorError('MIRROR_NETWORK', 'away', { retriable: true }))
  })
  task.give(1n)
  await clock.advance(10)
  const stopped = running.stop()
  await clock.advance(10)
  await stopped
  expect([producer.sends, task.released, offsetStore.stored]).toEqual([0, [1n], []])
})

test('a pipeline stands between poll and producer, also for polls without anything, and is closed at the end', async () => {
  const seen: number[] = []
  let isClosed = false
  const running = await run({
    createPipeline: () =>
      Promise.resolve({
        apply: async (batches) => {
          seen.push(batches.length)
          batches[0]?.release()
          return await Promise.resolve(batches.slice(1))
        },
        close: () => {
          isClosed = true
        }
      })
  })
  expect(task.acceptsRuns).toBe(false)
  task.give(1n)
  task.give(2n)
  await clock.advance(10)
  expect([seen, producer.sent.length]).toEqual([[2], 1])
  await running.stop()
  expect([isClosed, offsetStore.stored]).toEqual([true, [2n]])
})

test('a flush that waited for an earlier write looks at the lease again before its own', async () => {
  let isHeld = true
  const answer = deferred<undefined>()
  offsetStore.answered = answer.promise
  await run({ offsetFlushTimeoutMs: 2_000, isLeaseHeld: () => isHeld })
  await twoFlushesOfALateStore()
  isHeld = false
  answer.resolve(undefined)
  await clock.advance(100)
  expect([offsetStore.puts, offsetStore.stored]).toEqual([1, [1n]])
})
