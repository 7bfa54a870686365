import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deferred, type Deferred } from '../../../../src/base/deferred.ts'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type OutgoingBatch } from '../../../../src/client/raw-producer.ts'
import { type SourcePartition } from '../../../../src/connect/source-batch.ts'
import { WorkerSourceTask } from '../../../../src/connect/worker/worker-source-task.ts'
import { type CommittableOffset } from '../../../../src/connect/worker/submitted-batches.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ToyProducer, ToyStore, ToyTask } from '../../../support/worker-toys.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const partitions: readonly SourcePartition[] = [0, 1, 2].map((partition) => ({
  fields: { cluster: 'A', partition, topic: 't' }
}))

/** What must never be: told to the test at its end, since an error thrown here would pass for one of the store. */
class Watch {
  readonly settled = new Map<SourcePartition, Set<bigint>>()
  readonly violations: string[] = []
  isCancelled = false
  isHeld = true

  check(what: string): void {
    if (this.isCancelled) this.violations.push(`${what} after a cancel`)
    if (!this.isHeld) this.violations.push(`${what} without the lease`)
  }
}

class WatchedStore extends ToyStore {
  readonly #watch: Watch

  constructor(watch: Watch) {
    super()
    this.#watch = watch
  }

  override async put(offsets: readonly CommittableOffset[]): Promise<void> {
    this.#watch.check('stored')
    for (const { partition, offset } of offsets) {
      // Offsets of a partition are 1, 2, 3, ...: all up to the stored one must be settled.
      const settled = this.#watch.settled.get(partition)
      for (let each = 1n; each <= offset; each += 1n) {
        if (settled?.has(each) !== true) this.#watch.violations.push(`stored ${offset} before ${each} was settled`)
      }
    }
    await super.put(offsets)
  }
}

class WatchedProducer extends ToyProducer {
  readonly #watch: Watch

  constructor(watch: Watch) {
    super()
    this.#watch = watch
  }

  override send(topic: string, partition: number, batch: OutgoingBatch): void {
    this.#watch.check('sent')
    super.send(topic, partition, batch)
  }
}

type Step =
  | { readonly do: 'give'; readonly partition: number; readonly recordCount: number }
  | { readonly do: 'settle'; readonly index: number }
  | { readonly do: 'advance'; readonly ms: number }
  | {
      readonly do:
        | 'pause'
        | 'resume'
        | 'lose lease'
        | 'regain lease'
        | 'fail store'
        | 'hang store'
        | 'mend store'
        | 'cancel'
        | 'stop'
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('give' as const), partition: fc.nat(2), recordCount: fc.nat(1) })
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('settle' as const), index: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('pause', 'resume', 'lose lease', 'regain lease', 'fail store', 'hang store', 'mend store')
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'stop') }) }
)

/** The worker under a script. Batches of one partition are acknowledged in any order: the worst a producer could do. */
class Script {
  readonly clock = new ManualClock()
  readonly watch = new Watch()
  readonly store = new WatchedStore(this.watch)
  readonly task = new ToyTask()
  readonly producer = new WatchedProducer(this.watch)
  readonly worker: WorkerSourceTask
  #answer: Deferred<undefined> | undefined
  readonly #given = [0n, 0n, 0n]
  readonly #places = new Map<Buffer, { readonly partition: SourcePartition; readonly offset: bigint }>()

  constructor() {
    this.producer.isAway = true
    this.worker = new WorkerSourceTask({
      ...{ id: 'test-0', task: this.task, producer: this.producer, offsetStore: this.store },
      ...{ offsetFlushIntervalMs: 1_000, gracefulStopTimeoutMs: 0 },
      isLeaseHeld: () => this.watch.isHeld,
      clock: this.clock,
      logger: silentLogger
    })
  }

  async take(each: Step): Promise<void> {
    const { worker, store, watch } = this
    const acts: Record<Exclude<Step['do'], 'give' | 'settle' | 'advance'>, () => void> = {
      pause: () => {
        worker.pause()
      },
      resume: () => {
        worker.resume()
      },
      'lose lease': () => (watch.isHeld = false),
      'regain lease': () => (watch.isHeld = true),
      'fail store': () => (store.isFailing = true),
      'hang store': () => {
        this.#answer ??= deferred()
        store.answered = this.#answer.promise
      },
      'mend store': () => {
        store.isFailing = false
        store.answered = undefined
        this.#answer?.resolve(undefined)
        this.#answer = undefined
      },
      cancel: () => {
        worker.cancel()
        watch.isCancelled = true
      },
      stop: () => void worker.stop()
    }
    if (each.do === 'give') this.#give(each.partition, each.recordCount)
    else if (each.do === 'settle') this.#settle(each.index)
    else if (each.do !== 'advance') acts[each.do]()
    // Others follow each other in one turn, so that they meet what is still under way.
    if (each.do === 'advance') await this.clock.advance(each.ms)
  }

  #give(index: number, recordCount: number): void {
    const partition = partitions[index]
    if (partition === undefined) return
    const offset = (this.#given[index] ?? 0n) + 1n
    this.#given[index] = offset
    this.task.give(offset, recordCount, partition)
    const records = this.task.batches.at(-1)?.records
    if (records !== undefined) this.#places.set(records, { partition, offset })
    if (recordCount === 0) this.#mark(partition, offset)
  }

  #settle(index: number): void {
    const batch: OutgoingBatch | undefined = this.producer.sent.splice(
      index % Math.max(1, this.producer.sent.length),
      1
    )[0]
    const place = batch === undefined ? undefined : this.#places.get(batch.records)
    if (batch === undefined || place === undefined) return
    this.#mark(place.partition, place.offset)
    batch.settled([{ firstIndex: 0, count: 1, baseOffset: 0n }], [])
  }

  #mark(partition: SourcePartition, offset: bigint): void {
    const settled = this.watch.settled.get(partition) ?? new Set()
    this.watch.settled.set(partition, settled.add(offset))
  }
}

test('no stored position passes an unacknowledged batch; nothing is stored or sent after a cancel or without the lease', async () => {
  let stores = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const script = new Script()
      for (const each of steps) await script.take(each)
      await script.clock.advance(3_000)
      stores += script.store.stored.length
      script.worker.cancel()
      script.watch.isCancelled = true
      await script.clock.advance(3_000)
      expect(script.watch.violations).toEqual([])
      expect(script.clock.pendingTimers).toBe(0)
    }),
    propertyRuns(300)
  )
  // The property is not held by storing nothing.
  expect(stores).toBeGreaterThan(50)
})
