import fc from 'fast-check'
import { expect, it } from 'vitest'
import { brokerErrors } from '../../../src/wire/error-codes.ts'
import { type BatchFault, type RequestFault } from '../../support/fake-target/fake-target.ts'
import { ProducerBench } from '../../support/fake-target/producer-bench.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const keys = ['a-0', 'a-1', 'b-0']

/** What happens to the n-th request, or the n-th batch, from the start. */
const requestFaults: fc.Arbitrary<RequestFault> = fc.constantFrom(null, null, null, 'cut-before', 'cut-after', 'silent')
/** The broker knows nothing of old records' producers after it. */
const faultsWithCrashes: fc.Arbitrary<RequestFault> = fc.oneof(requestFaults, fc.constantFrom(null, 'crash'))
const batchFaults: fc.Arbitrary<BatchFault | null> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        brokerErrors.NOT_ENOUGH_REPLICAS,
        brokerErrors.NOT_LEADER_OR_FOLLOWER,
        brokerErrors.UNKNOWN_TOPIC_OR_PARTITION,
        brokerErrors.UNKNOWN_SERVER_ERROR,
        brokerErrors.TOPIC_AUTHORIZATION_FAILED
      )
      .map((errorCode) => ({ errorCode }))
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(brokerErrors.REQUEST_TIMED_OUT, brokerErrors.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
      .map((errorCode) => ({ errorCode, stored: true }))
  }
)

type Step =
  | { readonly kind: 'send'; readonly key: string; readonly batches: readonly (readonly number[])[] }
  | { readonly kind: 'move'; readonly key: string; readonly leader: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'wait'; readonly ms: number }

/** With batches of at most 1,000 bytes: merged, alone, to be split, and too large even as a single record. */
const valueBytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 5, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 700 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 9_000 }) }
)
const sends: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('send' as const),
  key: fc.constantFrom(...keys),
  batches: fc.array(fc.array(valueBytes, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })
})
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: sends },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      key: fc.constantFrom(...keys),
      leader: fc.integer({ min: 1, max: 3 })
    })
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'cut' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30 }) }) }
)

async function take(bench: ProducerBench, step: Step): Promise<void> {
  if (step.kind === 'send') await bench.sendRun(step.key, step.batches)
  else if (step.kind === 'move') bench.target.moveLeader(step.key, step.leader)
  else if (step.kind === 'cut') bench.target.cutConnections()
  else await bench.clock.advance(step.ms)
}

it.each([
  ['recent', requestFaults, undefined],
  ['old', faultsWithCrashes, 1n]
])('stores %s records once, in order and where it says, whatever fails', { timeout: 60_000 }, async (...row) => {
  const [, faults, timestamp] = row
  const script = fc.record({
    steps: fc.array(steps, { minLength: 5, maxLength: 60 }),
    requestFaults: fc.array(faults, { maxLength: 20 }),
    batchFaults: fc.array(batchFaults, { maxLength: 60 }),
    answerDelayMs: fc.integer({ min: 1, max: 20 }),
    maxInFlightRequests: fc.constantFrom(1, 5, 20)
  })
  await fc.assert(
    fc.asyncProperty(script, async ({ steps, requestFaults, batchFaults, answerDelayMs, maxInFlightRequests }) => {
      const bench = new ProducerBench({ maxInFlightRequests })
      const { target } = bench
      bench.timestamp = timestamp
      for (const key of keys) target.addPartition(key).maxMessageBytes = 1_000
      target.answerDelayMs = answerDelayMs
      let requests = 0
      target.requestFault = () => requestFaults[requests++] ?? null
      let batches = 0
      target.batchFault = () => batchFaults[batches++] ?? null
      for (const step of steps) await take(bench, step)
      await bench.finish(1_800_000)
      expect(bench.problems()).toEqual([])
      const blocked = bench.states.filter((state) => state.startsWith('blocked')).length
      expect(bench.states.length).toBe(blocked * 2)
      await bench.producer.close()
    }),
    propertyRuns(200)
  )
})
