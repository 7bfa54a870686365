import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLogger } from '../../../../src/base/logger.ts'
import { type KafkaCluster, connectCluster } from '../../../../src/client/kafka-cluster.ts'
import { encodeAssignment } from '../../../../src/connect/group/connect-protocol.ts'
import { KafkaWorkerGroup } from '../../../../src/connect/group/kafka-worker-group.ts'
import { WorkSet } from '../../../../src/connect/group/work-set.ts'
import { type WorkItems } from '../../../../src/connect/group/worker-group.ts'
import { brokerErrors } from '../../../../src/wire/error-codes.ts'
import { Writer } from '../../../../src/wire/writer.ts'
import { FakeBrokers, fakeSettings } from '../../../support/fake-brokers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { toySnapshot } from '../../../support/toy-worker.ts'

const [joinKey, heartbeatKey, leaveKey, syncKey] = [11, 12, 13, 14]
const heartbeatIntervalMs = 3_000
const sessionTimeoutMs = 10_000
const kept = { connector: 'c', task: 0 }
const taken = { connector: 'c', task: 1 }

let clock: ManualClock
let brokers: FakeBrokers
let cluster: KafkaCluster
let group: KafkaWorkerGroup
let calls: string[]
/** What the leader, another member, gives next, and takes. */
let given: { assigned: WorkSet; revoked: WorkSet }
let heartbeatError: number

const named = ({ tasks }: WorkItems): string => tasks.map(({ task }) => task).join()

beforeEach(() => {
  clock = new ManualClock()
  brokers = new FakeBrokers()
  calls = []
  heartbeatError = brokerErrors.NONE
  brokers.add(1, 9092)
  const tools = { clock, random: () => 0.5, logger: silentLogger }
  cluster = connectCluster({ alias: 'B', settings: fakeSettings([9092]), openConnection: brokers.open, ...tools })
  let generation = 0
  brokers.answers.set(joinKey, () => {
    generation += 1
    const head = new Writer().int32(0).int16(0).int32(generation).string('sessioned').string('leader').string('m-1')
    return head.array([], () => undefined).toBuffer()
  })
  brokers.answers.set(syncKey, () => {
    const head = { error: 0, leaderId: 'leader', leaderUrl: '', configOffset: 1n, delayMs: 0 }
    const writer = new Writer(true)
      .int32(0)
      .int16(0)
      .bytes(encodeAssignment({ ...head, ...given }, 2))
    return writer.noTags().toBuffer()
  })
  brokers.answers.set(heartbeatKey, () => new Writer(true).int32(0).int16(heartbeatError).noTags().toBuffer())
  brokers.answers.set(leaveKey, () => null)
  const told = (what: string, items: WorkItems): Promise<void> => {
    calls.push(`${what} ${named(items)}, ${clock.monotonic() < group.leaseEndsAt ? 'with' : 'without'} the lease`)
    return Promise.resolve()
  }
  group = new KafkaWorkerGroup({
    ...{ cluster, groupId: 'A-mm2', url: 'NOTUSED', keepConnectorsAtLeader: false, ...tools },
    settings: {
      ...{ sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs: 60_000, protocol: 'sessioned' },
      ...{ scheduledRebalanceMaxDelayMs: 0, retryBackoffMs: 100 }
    },
    callbacks: {
      configSnapshot: () => toySnapshot(1n, ['c'], 2),
      revoke: (items) => told('revoke', items),
      takeUpAgain: (items) => told('take up', items),
      revokeAll: () => Promise.resolve()
    }
  })
})
afterEach(async () => {
  const closed = group.close(0)
  await cluster.close()
  await clock.advance(1)
  await closed
})

async function member(): Promise<string> {
  let owned: string | undefined
  void group
    .ensureMember(10_000)
    .then((assignment) => (owned = assignment === undefined ? '' : named(assignment.owned)))
  for (let turn = 0; turn < 100 && owned === undefined; turn++) await clock.advance(20)
  return owned ?? 'none'
}

it('has its owner find out what others did, before it has a lease again, when it was thrown out', async () => {
  given = { assigned: new WorkSet([kept, taken]), revoked: new WorkSet() }
  expect(await member()).toBe('0,1')
  given = { assigned: new WorkSet(), revoked: new WorkSet([taken]) }
  heartbeatError = brokerErrors.UNKNOWN_MEMBER_ID
  await clock.advance(heartbeatIntervalMs)
  heartbeatError = brokerErrors.NONE
  expect(await member()).toBe('0')
  expect(calls).toEqual(['revoke 1, without the lease', 'take up 0, without the lease'])
  expect(group.leaseEndsAt).toBeGreaterThan(clock.monotonic())
})

it('goes on with its work, and asks nobody, when it never ceased to be a member', async () => {
  given = { assigned: new WorkSet([kept]), revoked: new WorkSet() }
  expect(await member()).toBe('0')
  given = { assigned: new WorkSet(), revoked: new WorkSet() }
  group.requestRejoin('test')
  expect(await member()).toBe('0')
  expect(calls).toEqual([])
})

it('hands out no assignment without the lease, and does as soon as a heartbeat has brought it back', async () => {
  given = { assigned: new WorkSet([kept]), revoked: new WorkSet() }
  expect(await member()).toBe('0')
  // Stopped as a whole, the worker wakes up with its membership as it was, as far as it knows.
  clock.skip(sessionTimeoutMs)
  let isHandedOut = false
  const handedOut = group.ensureMember(sessionTimeoutMs).then((assignment) => {
    isHandedOut = true
    return assignment
  })
  heartbeatError = brokerErrors.COORDINATOR_LOAD_IN_PROGRESS
  await clock.advance(heartbeatIntervalMs)
  expect([isHandedOut, group.isRejoinNeeded, group.leaseEndsAt <= clock.monotonic()]).toEqual([false, false, true])
  expect(await group.ensureMember(0)).toBeUndefined()
  heartbeatError = brokerErrors.NONE
  await clock.advance(heartbeatIntervalMs)
  expect(await handedOut).toMatchObject({ owned: { tasks: [kept] } })
})
