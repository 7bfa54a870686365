import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IncrementalAssignor } from '../../../../src/connect/group/incremental-assignor.ts'
import { WorkSet } from '../../../../src/connect/group/work-set.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { SimulatedGroup } from '../../../support/simulated-group.ts'
import { propertyRuns } from '../../../support/property-runs.ts'

function createGroup(
  maxDelayMs = 300_000,
  keepConnectorsAtLeader = false
): { group: SimulatedGroup; clock: ManualClock } {
  const clock = new ManualClock()
  const options = { maxDelayMs, keepConnectorsAtLeader, clock }
  return { group: new SimulatedGroup(() => new IncrementalAssignor(options)), clock }
}

const names = ['c-a', 'c-b', 'c-c']

/** One row of a trace: what happens before the rebalance, and what it leaves. */
type Step = readonly [
  action: 'join' | 'leave' | 'round',
  afterMs: number,
  delayMs: number,
  connectors: number[],
  tasks: number[],
  revoked: number
]

const twoWorkers: readonly Step[] = [
  ['join', 0, 0, [2], [8], 0],
  ['join', 0, 0, [0, 1], [0, 4], 5],
  ['round', 0, 0, [1, 1], [4, 4], 0]
]
const threeWorkers: readonly Step[] = [
  ['join', 0, 0, [3], [12], 0],
  ['join', 0, 0, [0, 2], [0, 6], 7],
  ['join', 0, 40, [0, 1, 2], [3, 3, 6], 0]
]

const traces: readonly { name: string; connectors: number; maxDelayMs?: number; steps: readonly Step[] }[] = [
  { name: 'a second worker joins', connectors: 2, steps: twoWorkers },
  {
    name: 'workers join one by one, each after the delay',
    connectors: 3,
    steps: [
      ...threeWorkers,
      ['join', 40, 0, [0, 0, 1, 1], [0, 3, 3, 3], 4],
      ['join', 0, 1600, [0, 0, 1, 1, 1], [1, 2, 3, 3, 3], 0],
      ['join', 1600, 0, [0, 0, 0, 1, 1, 1], [0, 1, 2, 2, 2, 2], 3],
      ['round', 0, 0, [0, 0, 0, 1, 1, 1], [2, 2, 2, 2, 2, 2], 0]
    ]
  },
  {
    name: 'workers join while the delay runs',
    connectors: 3,
    steps: [
      ...threeWorkers,
      ['join', 20, 20, [0, 0, 1, 2], [0, 3, 3, 6], 0],
      ['join', 20, 0, [0, 0, 0, 1, 1], [0, 0, 2, 3, 3], 5],
      ['round', 0, 0, [0, 0, 1, 1, 1], [2, 2, 2, 3, 3], 0]
    ]
  },
  {
    name: 'one leaves and returns',
    connectors: 2,
    steps: [
      ...twoWorkers,
      ['leave', 0, 300_000, [1], [4], 0],
      ['round', 150_000, 150_000, [1], [4], 0],
      ['join', 75_000, 75_000, [0, 1], [0, 4], 0],
      ['round', 75_000, 0, [1, 1], [4, 4], 0]
    ]
  },
  {
    name: 'one leaves for good',
    connectors: 2,
    steps: [...twoWorkers, ['leave', 0, 300_000, [1], [4], 0], ['round', 300_001, 0, [2], [8], 0]]
  },
  {
    name: 'workers join where there is no delay',
    connectors: 3,
    maxDelayMs: 0,
    steps: [
      ['join', 0, 0, [3], [12], 0],
      ['join', 0, 0, [0, 2], [0, 6], 7],
      ['join', 0, 0, [0, 1, 1], [3, 3, 4], 3],
      ['round', 0, 0, [1, 1, 1], [4, 4, 4], 0]
    ]
  }
]

describe('moves work as the reference does when', () => {
  it.each(traces)('$name', async ({ connectors, maxDelayMs, steps }) => {
    const { group, clock } = createGroup(maxDelayMs)
    group.configure(names.slice(0, connectors), 4)
    for (const [action, afterMs, ...expected] of steps) {
      await clock.advance(afterMs)
      if (action === 'join') group.join()
      if (action === 'leave') group.remove([...group.members.keys()].at(-1) ?? '')
      const { delayMs, revokedCount } = group.rebalance()
      const counts = group.counts()
      expect([delayMs, counts.connectors, counts.tasks, revokedCount]).toEqual(expected)
    }
  })
})

type Event =
  | { readonly kind: 'join' }
  | { readonly kind: 'crash' | 'lead'; readonly who: number }
  | { readonly kind: 'configure'; readonly connectors: number; readonly tasks: number }
  /** A round whose assignment some members never get. */
  | { readonly kind: 'deaf'; readonly who: readonly number[] }
  | { readonly kind: 'wait'; readonly ms: number }

const who = fc.nat({ max: 9 })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'join' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'lead' as const), who }) },
  fc.record({ kind: fc.constant('configure' as const), connectors: fc.nat({ max: 3 }), tasks: fc.nat({ max: 9 }) }),
  fc.record({ kind: fc.constant('deaf' as const), who: fc.array(who, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 1_000, 70_000) })
)
const scenario = fc.record({
  events: fc.array(event, { maxLength: 14 }),
  maxDelayMs: fc.constantFrom(0, 1, 60_000),
  atLeader: fc.boolean()
})

async function apply(one: Event, group: SimulatedGroup, clock: ManualClock): Promise<void> {
  const ids = [...group.members.keys()]
  const idOf = (index: number): string => ids[index % ids.length] ?? ''
  if (one.kind === 'join') group.join()
  else if (one.kind === 'configure') group.configure(names.slice(0, one.connectors), one.tasks)
  else if (one.kind === 'crash') group.remove(idOf(one.who))
  else if (one.kind === 'lead') group.leaderId = idOf(one.who)
  else if (one.kind === 'wait') await clock.advance(one.ms)
  if (group.members.size === 0) group.join()
  group.rebalance(one.kind === 'deaf' ? new Set(one.who.map(idOf)) : new Set())
}

/** Rebalances as the members would: after a revocation at once, after a delay when it is over. */
async function converge(group: SimulatedGroup, clock: ManualClock): Promise<number> {
  for (let rounds = 1; rounds <= 20; rounds++) {
    const { delayMs, revokedCount } = group.rebalance()
    if (delayMs === 0 && revokedCount === 0) return rounds
    await clock.advance(delayMs)
  }
  throw new Error('rebalances for ever')
}

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts)

describe('after any joins, crashes, elections and changes of configs', () => {
  it('everything runs exactly once, in balance, and nothing ever twice', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ events, maxDelayMs, atLeader }) => {
        const { group, clock } = createGroup(maxDelayMs, atLeader)
        group.configure(names, 4)
        group.join()
        for (const one of events) await apply(one, group, clock)
        await converge(group, clock)
        for (const item of group.configured) expect(group.ownersOf(item)).toHaveLength(1)
        const running = WorkSet.union([...group.members.values()].map((member) => member.running))
        expect(running.size).toBe(group.configured.size)
        const { connectors, tasks } = group.counts()
        expect(spread(tasks)).toBeLessThanOrEqual(1)
        if (atLeader)
          expect(group.running(group.leaderId).ofKind('connector')).toHaveLength(running.ofKind('connector').length)
        else expect(spread(connectors)).toBeLessThanOrEqual(1)
      }),
      propertyRuns(200)
    )
  })

  it('a member that joins takes its share, and nothing else moves', async () => {
    const sizes = fc.record({ members: fc.integer({ min: 1, max: 6 }), tasks: fc.integer({ min: 0, max: 20 }) })
    await fc.assert(
      fc.asyncProperty(sizes, async ({ members, tasks }) => {
        const { group, clock } = createGroup()
        group.configure(names, tasks)
        for (let index = 0; index < members; index++) group.join()
        await converge(group, clock)
        const before = new Map([...group.members.values()].map(({ id, running }) => [id, running]))
        const newcomer = group.join()
        await converge(group, clock)
        for (const [id, had] of before) expect(group.running(id).minus(had).size).toBe(0)
        const moved = [...before].map(([id, had]) => had.minus(group.running(id)).size)
        expect(moved.reduce((sum, count) => sum + count, 0)).toBe(group.running(newcomer).size)
      }),
      propertyRuns(60)
    )
  })

  it('what a lost member ran goes to whoever is there without work when the delay is over, and nothing else moves', async () => {
    const { group, clock } = createGroup(60_000)
    group.configure(names, 4)
    for (let index = 0; index < 3; index++) group.join()
    await converge(group, clock)
    const [first = '', second = '', third = ''] = group.members.keys()
    const [kept, lost] = [group.running(second), group.running(third)]
    group.remove(third)
    expect(group.rebalance().delayMs).toBe(60_000)
    await clock.advance(59_999)
    const newcomer = group.join()
    expect(group.rebalance().delayMs).toBe(1)
    expect(group.running(newcomer).size).toBe(0)
    await clock.advance(1)
    expect(group.rebalance().delayMs).toBe(0)
    expect(group.running(newcomer).toItems()).toEqual(lost.toItems())
    expect(group.running(second).toItems()).toEqual(kept.toItems())
    expect(first).toBe(group.leaderId)
  })

  it('nothing waits for a lost member under a leader that another one led before', async () => {
    const { group, clock } = createGroup()
    group.configure(names, 4)
    const [one, two, three] = [group.join(), group.join(), group.join()]
    await converge(group, clock)
    group.leaderId = two
    group.rebalance()
    group.remove(three)
    group.leaderId = one
    expect(group.rebalance().delayMs).toBe(0)
    expect(group.counts().tasks).toEqual([6, 6])
  })

  it('nothing waits for a lost member where another one did not give up what it was told to', async () => {
    const { group, clock } = createGroup()
    group.configure(names, 4)
    const [, two, three] = [group.join(), group.join(), group.join()]
    await converge(group, clock)
    group.join()
    group.rebalance(new Set([two]))
    const lost = group.running(three)
    group.remove(three)
    group.rebalance()
    for (const item of lost) expect(group.ownersOf(item)).toHaveLength(1)
  })

  it('what two members claim to run is taken from both', async () => {
    const { group, clock } = createGroup()
    group.configure(['c-a'], 2)
    const [one, two] = [group.join(), group.join()].map((id) => group.members.get(id))
    await converge(group, clock)
    if (one === undefined || two === undefined) throw new Error('nobody joined')
    two.running = two.running.plus(one.running)
    const both = one.running
    expect(group.rebalance().revokedCount).toBe(both.size * 2)
    await converge(group, clock)
    for (const item of group.configured) expect(group.ownersOf(item)).toHaveLength(1)
  })
})

describe('with connectors kept at the leader', () => {
  it('a member that joined with connectors gives them up in one round, and the group is at rest after the next', () => {
    const { group } = createGroup(300_000, true)
    group.configure(names, 2)
    const leader = group.join()
    const follower = group.members.get(group.join())
    if (follower === undefined) throw new Error('nobody joined')
    follower.running = group.configured
    group.rebalance()
    expect(follower.running.ofKind('connector')).toEqual([])
    group.rebalance()
    expect(group.running(leader).toItems().connectors).toEqual(names)
    expect(group.counts().tasks).toEqual([3, 3])
    expect(group.rebalance()).toMatchObject({ delayMs: 0, revokedCount: 0 })
  })
})
