import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type PartitionMap } from '../../../../src/mirror-client/offset-map/partition-map.ts'
import { compacted, MirrorHistory, partitionOf, type SourceKind, type Step } from './mirror-history.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

const count = fc.integer({ min: 1, max: 9 })
const kind = fc.constantFrom<SourceKind>('record', 'record', 'record', 'marker', 'compacted', 'filtered', 'refused')
/** Refused records are told from lost ones no more than retention is: positions before them, not caught up with, stay inexact. */
const accepted = fc.constantFrom<SourceKind>('record', 'record', 'marker', 'compacted', 'filtered')

type StepsOf<Of> = fc.Arbitrary<Extract<Step, { of: Of }>['step']>
const source = (step: StepsOf<'source'>): fc.Arbitrary<Step> => step.map((of) => ({ of: 'source', step: of }))
const target = (step: StepsOf<'target'>): fc.Arbitrary<Step> => step.map((of) => ({ of: 'target', step: of }))
const task = (step: StepsOf<'task'>): fc.Arbitrary<Step> => step.map((of) => ({ of: 'task', step: of }))

const produce = source(fc.record({ do: fc.constant('produce' as const), kind, count }))
const produceAccepted = source(fc.record({ do: fc.constant('produce' as const), kind: accepted, count }))
const mirror = task(fc.record({ do: fc.constant('mirror' as const), count, isLost: fc.constant(false) }))
const lost = task(fc.record({ do: fc.constant('mirror' as const), count, isLost: fc.boolean() }))
const write = task(fc.record({ do: fc.constant('write' as const), fails: fc.boolean() }))
const plain = task(fc.record({ do: fc.constantFrom('commit' as const, 'crash' as const) }))

const crashes = [produce, produce, mirror, mirror, write, plain]
const troubles = [
  ...crashes,
  lost,
  task(fc.record({ do: fc.constant('zombieWrite' as const) })),
  source(fc.record({ do: fc.constant('compactSource' as const), at: fc.nat(30) })),
  source(fc.record({ do: fc.constant('sourceRetention' as const), count })),
  target(fc.record({ do: fc.constantFrom('foreign' as const, 'pruneTarget' as const), count }))
]
const losses = [
  ...troubles,
  source(fc.record({ do: fc.constant('recreateSource' as const) })),
  source(fc.record({ do: fc.constant('truncateSource' as const), count })),
  target(fc.record({ do: fc.constant('truncateTarget' as const), count })),
  task(fc.record({ do: fc.constant('alterPosition' as const), percent: fc.nat(100) }))
]

const history = (steps: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...steps), { maxLength: 40, size: 'max' })
const runs = propertyRuns(80)

/** Cheaper than an expectation: it is asked some hundred thousand times. */
function check(holds: boolean, claim: string): void {
  if (!holds) throw new Error(claim)
}

/** A reader that goes on at the answer meets every record from `x` on that it has not met, wherever that was put. */
function expectNothingSkipped(history: MirrorHistory, map: PartitionMap): void {
  const copies = history.lastCopies()
  let before = -1n
  for (let x = 0n; x <= BigInt(history.source.length + 2); x++) {
    const answer = map.toTarget(x)
    if (answer === undefined) continue
    check(answer.offset >= before, `answers rise with positions: not at ${x}`)
    before = answer.offset
    for (const [u, d] of copies) {
      // What the source compacted away since is said by a later record.
      if (BigInt(u) < x || history.source[u] === 'compacted') continue
      check(d >= Number(answer.offset), `record ${u} is left out from position ${x}`)
    }
    if (answer.exact) expectNext(history, x, Number(answer.offset))
  }
}

/** What is met first was not met before; or it was, and the log has it twice. */
function expectNext(history: MirrorHistory, x: bigint, offset: number): void {
  const next = history.target.findIndex((record, d) => d >= offset && record?.life === history.life)
  const record = history.target[next]
  if (record === undefined) return
  const isNew = history.target.findIndex((other) => other?.life === record.life && other.u === record.u) === next
  check(BigInt(record.u) >= x || !isNew, `record ${record.u} is read again from position ${x}`)
}

/** A reader of the target that goes back to the source meets every record that it has not met there. */
function expectWayBack(history: MirrorHistory, map: PartitionMap): void {
  for (let y = 0; y <= history.target.length + 1; y++) {
    const answer = map.toSource(BigInt(y))
    if (answer === undefined) continue
    const seen = new Set(history.target.slice(0, y).map((record) => (record?.life === history.life ? record.u : -1)))
    for (const record of history.target.slice(y)) {
      if (record?.life !== history.life || seen.has(record.u)) continue
      check(record.u >= Number(answer.offset), `record ${record.u} is left out on the way back from ${y}`)
    }
  }
}

function play(steps: readonly Step[], check: (history: MirrorHistory) => void): MirrorHistory {
  const history = new MirrorHistory()
  for (const step of steps) {
    history.take(step)
    check(history)
  }
  return history
}

function answers(map: PartitionMap | undefined): unknown {
  const positions = Array.from({ length: 150 }, (_, index) => BigInt(index))
  return map === undefined
    ? []
    : [positions.map((x) => map.toTarget(x)), positions.map((y) => map.toSource(y)), [...map.holes()], map.coveredTo]
}

it.each([
  ['crashes', crashes],
  ['lost acknowledgements, zombies, foreign records, retention', troubles]
])('no translated position skips a record, live and whatever part of the topic was read: %s', (_name, steps) => {
  fc.assert(
    fc.property(history(steps), (taken) => {
      const played = play(taken, (history) => {
        const map = partitionOf(history.log)
        if (map !== undefined) {
          expectNothingSkipped(history, map)
          expectWayBack(history, map)
        }
      })
      for (let end = 1; end < played.log.length; end++) {
        const map = partitionOf(played.log.slice(0, end))
        if (map !== undefined) expectNothingSkipped(played, map)
      }
    }),
    runs
  )
})

it('once the task has told of it, nothing is skipped where topics were created again or lost their ends', () => {
  fc.assert(
    fc.property(history(losses), (taken) => {
      play(taken, (history) => {
        if (history.session === undefined) return
        history.write(false)
        const map = partitionOf(history.log)
        if (map !== undefined && !history.isTargetUnseen) expectNothingSkipped(history, map)
      })
    }),
    runs
  )
})

it('records put nobody knows where do not hide older copies, which the target still has when it loses those', () => {
  const history = new MirrorHistory()
  history.take({ of: 'source', step: { do: 'produce', kind: 'record', count: 1 } })
  history.mirror(1, false)
  history.write(false)
  history.take({ of: 'source', step: { do: 'produce', kind: 'record', count: 4 } })
  history.crash()
  history.mirror(5, true)
  history.take({ of: 'source', step: { do: 'truncateSource', count: 1 } })
  history.take({ of: 'source', step: { do: 'produce', kind: 'record', count: 1 } })
  history.take({ of: 'target', step: { do: 'truncateTarget', count: 5 } })
  history.mirror(1, false)
  history.write(false)
  const map = partitionOf(history.log)
  expect([0n, 4n, 5n].map((x) => map?.toTarget(x)?.offset)).toEqual([0n, 1n, 2n])
})

it('every position of a task that has mirrored all there is is exact', () => {
  fc.assert(
    fc.property(history([produceAccepted, produceAccepted, mirror, mirror, write, plain]), (taken) => {
      const played = play(taken, () => undefined)
      const from = played.stored ?? 0
      played.crash()
      played.finish()
      const map = partitionOf(played.log)
      for (let x = from; x <= played.source.length && map !== undefined; x++) {
        expect(map.toTarget(BigInt(x))?.exact, `position ${x}`).toBe(true)
      }
    }),
    runs
  )
})

it('compaction of the topic changes no answer', () => {
  fc.assert(
    fc.property(history(losses), (taken) => {
      const { log } = play(taken, () => undefined)
      expect(answers(partitionOf(compacted(log)))).toEqual(answers(partitionOf(log)))
    }),
    runs
  )
})
