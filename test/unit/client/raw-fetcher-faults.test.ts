import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { FetcherBench } from '../../support/fake-source/fetcher-bench.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const keys = ['t-0', 't-1', 'u-0'] as const

type Step =
  | Sized<'append'>
  | Sized<'elect'>
  | Sized<'truncate'>
  | { readonly kind: 'reject'; readonly key: number }
  | { readonly kind: 'error'; readonly key: number; readonly code: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | Disturbance

interface Sized<Kind> {
  readonly kind: Kind
  readonly key: number
  readonly size: number
}

type Disturbance =
  | { readonly kind: 'fetchError'; readonly code: number }
  | { readonly kind: 'cut' | 'loseSessions' | 'toggleSessions' | 'throttle' | 'kill' | 'revive' | 'hold' }

const key = fc.integer({ min: 0, max: keys.length - 1 })
const passing = [
  brokerErrors.NOT_LEADER_OR_FOLLOWER,
  brokerErrors.UNKNOWN_TOPIC_OR_PARTITION,
  brokerErrors.UNKNOWN_TOPIC_ID,
  brokerErrors.OFFSET_NOT_AVAILABLE,
  brokerErrors.UNKNOWN_SERVER_ERROR
]
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append' as const), key, size: fc.integer({ min: 1, max: 4 }) })
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('elect' as const, 'truncate' as const),
      key,
      size: fc.integer({ min: 1, max: 3 })
    })
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('error' as const), key, code: fc.constantFrom(...passing) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reject' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fetchError' as const),
      code: fc.constantFrom(70, 71, 106, brokerErrors.UNKNOWN_SERVER_ERROR)
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut', 'loseSessions', 'toggleSessions', 'throttle', 'kill', 'revive', 'hold')
    })
  }
)

class Run {
  readonly bench: FetcherBench
  readonly #toReject = new Set<string>()
  #values = 0

  constructor(fetchVersion: number) {
    this.bench = new FetcherBench({ fetchVersion, budgetBytes: 3_000, settings: { maxPartitionFetchBytes: 200 } })
    this.bench.holdMs = 20
    this.bench.isPoisoned = ({ cursor }) => this.#toReject.delete(`${cursor.topic}-${cursor.partition}`)
    for (const [index, each] of keys.entries()) this.bench.source.add(each, 1 + (index % 2))
    this.bench.assign(...keys)
  }

  async take(step: Step): Promise<void> {
    const { source, clock } = this.bench
    if (step.kind === 'append') await source.append(keyAt(step.key), this.#next(step.size))
    else if (step.kind === 'pass') await clock.advance(step.ms)
    else if (step.kind === 'elect') source.log(keyAt(step.key)).elect(step.size)
    else if (step.kind === 'truncate') this.#truncate(step.key, step.size)
    else if (step.kind === 'reject') this.#toReject.add(keyAt(step.key))
    else if (step.kind === 'error') source.log(keyAt(step.key)).errors.push(step.code)
    else this.#disturb(step)
    source.wake()
  }

  /** Only where the epoch of what was read last is known: otherwise nobody can tell. */
  #truncate(at: number, batches: number): void {
    const { source, fetcher } = this.bench
    if (source.fetchVersion < 12 || (fetcher.cursors[at]?.lastFetchedEpoch ?? -1) < 0) return
    const log = this.#log(at)
    log.loseBatches(Math.max(0, log.batches.length - batches))
  }

  #disturb(step: Disturbance): void {
    const { bench } = this
    const { source } = bench
    if (step.kind === 'fetchError') source.fetchErrors.push(step.code)
    else if (step.kind === 'cut') source.cutConnections()
    else if (step.kind === 'loseSessions') source.sessions.loseAll()
    else if (step.kind === 'toggleSessions') source.sessions.isFull = !source.sessions.isFull
    else if (step.kind === 'throttle') source.throttles.push(50)
    else if (step.kind === 'kill') source.kill(1)
    else if (step.kind === 'revive') source.down.clear()
    else bench.holdMs = bench.holdMs === null ? 20 : null
  }

  /** Ends all faults, and lets time pass until everything is read. */
  async finish(): Promise<void> {
    const { bench } = this
    bench.source.down.clear()
    this.#toReject.clear()
    bench.holdMs = 1
    bench.releaseAll()
    const last = new Map(keys.map((each) => [each, this.#next(1)]))
    for (const [each, values] of last) await bench.source.append(each, values)
    await bench.until('everything is read', () =>
      [...last].every(([each, values]) => bench.values(each).at(-1) === values[0])
    )
    await bench.clock.advance(1_000)
    for (const [at, cursor] of bench.fetcher.cursors.entries()) {
      const stored = this.#log(at).values
      const inLog = new Set(stored)
      // What the log has lost since may have been read before.
      expect(bench.values(keyAt(at)).filter((value) => inLog.has(value))).toEqual(stored)
      expect([cursor.position, cursor.isBlocked]).toEqual([this.#log(at).end, false])
    }
    await bench.close()
    expect([bench.budget.usedBytes, bench.source.retained]).toEqual([0, 0])
  }

  #log(at: number) {
    return this.bench.source.log(keyAt(at))
  }

  #next(count: number): string[] {
    return Array.from({ length: count }, () => String(this.#values++))
  }
}

function keyAt(index: number): string {
  return keys[index] ?? keys[0]
}

test('whatever befalls a source, each record is delivered once and in order, and no memory is kept', async () => {
  const steps = fc.array(step, { minLength: 5, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(6, 11, 12, 13), steps, async (fetchVersion, all) => {
      const run = new Run(fetchVersion)
      for (const each of all) await run.take(each)
      await run.finish()
    }),
    propertyRuns(60)
  )
})
