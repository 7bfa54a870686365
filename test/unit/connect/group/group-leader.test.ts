import { expect, it } from 'vitest'
import { decodeAssignment, encodeMetadata } from '../../../../src/connect/group/connect-protocol.ts'
import { GroupLeader } from '../../../../src/connect/group/group-leader.ts'
import { recordingLogger } from '../../../support/fake-brokers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { toySnapshot } from '../../../support/toy-worker.ts'

const task = { connector: 'c', task: 0 }

/** A round of a leader that joined at offset 5, with members at these offsets; null: nobody can read it. */
function setUp(knownOffset = 5n) {
  const log: string[] = []
  const leader = new GroupLeader({
    ...{ maxDelayMs: 0, keepConnectorsAtLeader: false, clock: new ManualClock(), logger: recordingLogger(log) },
    configSnapshot: () => toySnapshot(knownOffset, ['c'], 1)
  })
  const assign = (...offsets: (bigint | null)[]) => {
    const members = offsets.map((configOffset, index) => ({
      memberId: `m${index}`,
      metadata:
        configOffset === null
          ? Buffer.alloc(1)
          : encodeMetadata({ url: `http://w${index}/`, configOffset, current: undefined }, 2)
    }))
    const round = { generation: 1, lastCompletedGeneration: -1, leaderId: 'm0', snapshot: toySnapshot(5n, ['c'], 1) }
    return leader
      .assign({ ...round, protocol: 'sessioned', members })
      .map(({ assignment }) => decodeAssignment(assignment))
  }
  return { leader, log, assign }
}

it('assigns nothing while a member has read further than the leader, and tells all how far', () => {
  const { leader, assign } = setUp()
  assign(5n)
  expect(leader.ownerUrl(task)).toBe('http://w0/')
  for (const { error, configOffset, assigned } of assign(5n, 9n)) {
    expect([error, configOffset, assigned.size]).toEqual([1, 9n, 0])
  }
  expect(leader.ownerUrl(task)).toBeUndefined()
})

it('assigns by what it has read since it joined', () => {
  const { assign } = setUp(9n)
  const assignments = assign(5n, 9n)
  expect(assignments.map(({ error, configOffset }) => [error, configOffset])).toEqual([
    [0, 9n],
    [0, 9n]
  ])
  expect(assignments.reduce((sum, { assigned }) => sum + assigned.size, 0)).toBe(2)
})

it('gives a member that it cannot understand nothing, with a warning, and the others all', () => {
  const { log, assign } = setUp()
  expect(assign(5n, null).map(({ assigned }) => assigned.size)).toEqual([2, 0])
  expect(log).toEqual([expect.stringContaining('warn: A member of the Connect group cannot be understood')])
})

it('knows no owners any more when another member leads', () => {
  const { leader, assign } = setUp()
  assign(5n)
  leader.resign()
  expect(leader.ownerUrl(task)).toBeUndefined()
})
