import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/base/logger.ts'
import { GroupMember } from '../../../src/client/group-member.ts'
import { type KafkaCluster, connectCluster } from '../../../src/client/kafka-cluster.ts'
import { type BrokerErrorName, brokerErrors } from '../../../src/wire/error-codes.ts'
import { Writer } from '../../../src/wire/writer.ts'
import { FakeBrokers, fakeSettings } from '../../support/fake-brokers.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const [joinKey, heartbeatKey, leaveKey, syncKey, findKey] = [11, 12, 13, 14, 10]
const sessionTimeoutMs = 10_000
const heartbeatIntervalMs = 3_000
const rebalanceTimeoutMs = 60_000

let clock: ManualClock
let brokers: FakeBrokers
let cluster: KafkaCluster
let member: GroupMember
/** What the coordinator answers next to each kind of request: once the error, then none. Undefined: no answer. */
let nextErrors: Map<number, BrokerErrorName | undefined>
let generation: number

function answer(key: number, write: (errorCode: number) => Writer): void {
  brokers.answers.set(key, () => {
    const error = nextErrors.has(key) ? nextErrors.get(key) : 'NONE'
    nextErrors.delete(key)
    return error === undefined ? null : write(brokerErrors[error]).toBuffer()
  })
}

beforeEach(() => {
  clock = new ManualClock()
  brokers = new FakeBrokers()
  nextErrors = new Map()
  generation = 0
  brokers.add(1, 9092)
  const tools = { clock, random: () => 0.5, logger: silentLogger }
  cluster = connectCluster({ alias: 'B', settings: fakeSettings([9092]), openConnection: brokers.open, ...tools })
  answer(joinKey, (errorCode) => {
    if (errorCode === 0) generation += 1
    const writer = new Writer()
      .int32(0)
      .int16(errorCode)
      .int32(errorCode === 0 ? generation : -1)
    writer.string('sessioned').string('m-1').string('m-1')
    return writer.array(errorCode === 0 ? ['m-1'] : [], (id) => writer.string(id).bytes(null))
  })
  answer(syncKey, (errorCode) => new Writer(true).int32(0).int16(errorCode).bytes(Buffer.from('work')).noTags())
  answer(heartbeatKey, (errorCode) => new Writer(true).int32(0).int16(errorCode).noTags())
  answer(leaveKey, (errorCode) =>
    new Writer(true)
      .int32(0)
      .int16(errorCode)
      .array([], () => undefined)
      .noTags()
  )
  member = new GroupMember({
    ...{ cluster, groupId: 'A-mm2', protocolType: 'connect', retryBackoffMs: 100, ...tools },
    ...{ sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs },
    handler: {
      protocols: () => [{ name: 'sessioned', metadata: Buffer.alloc(0) }],
      assign: ({ members }) => members.map(({ memberId }) => ({ memberId, assignment: Buffer.from('work') })),
      timed: () => undefined,
      roundFailed: () => undefined,
      changed: () => undefined
    }
  })
})
afterEach(async () => {
  member.close()
  await cluster.close()
})

/** The owner looks at the member again and again, until a round is complete. */
async function join(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if (member.takeGeneration() !== undefined) {
      member.confirm()
      return
    }
    member.advance()
    await clock.advance(20)
  }
  throw new Error('not joined')
}

const count = (key: number): number => brokers.count(`1/${key}`)

describe('a member', () => {
  it('joins again at once with the id that the coordinator gives it', async () => {
    nextErrors.set(joinKey, 'MEMBER_ID_REQUIRED')
    await join()
    expect([count(joinKey), count(syncKey), member.memberId, member.isRejoinNeeded]).toEqual([2, 1, 'm-1', false])
  })

  it('has a lease from when its last answered request was sent, once its owner has done as told', async () => {
    for (let turn = 0; turn < 5; turn++) {
      member.advance()
      await clock.advance(20)
    }
    expect(member.leaseEndsAt).toBe(-Infinity)
    expect(member.takeGeneration()).toMatchObject({ generation: 1, isLeader: true, protocol: 'sessioned' })
    member.confirm()
    await clock.advance(heartbeatIntervalMs)
    const beatenAt = member.leaseEndsAt - sessionTimeoutMs
    expect([beatenAt <= clock.monotonic(), beatenAt > clock.monotonic() - heartbeatIntervalMs]).toEqual([true, true])
    nextErrors.set(heartbeatKey, undefined)
    await clock.advance(heartbeatIntervalMs)
    expect(member.leaseEndsAt - sessionTimeoutMs).toBe(beatenAt)
  })

  it('beats, and keeps its lease, while its join waits for the others', async () => {
    await join()
    nextErrors.set(joinKey, undefined)
    member.requestRejoin('test')
    member.advance()
    const before = count(heartbeatKey)
    for (let beat = 0; beat < 5; beat++) {
      nextErrors.set(heartbeatKey, 'REBALANCE_IN_PROGRESS')
      await clock.advance(heartbeatIntervalMs)
      expect(member.leaseEndsAt).toBeGreaterThan(clock.monotonic())
    }
    expect([count(heartbeatKey) - before, count(joinKey)]).toEqual([5, 2])
    // The round may be over for the coordinator, and its answer on the way.
    nextErrors.set(heartbeatKey, 'ILLEGAL_GENERATION')
    await clock.advance(heartbeatIntervalMs * 2)
    expect(count(heartbeatKey) - before).toBe(7)
  })

  it.each([
    { error: 'REBALANCE_IN_PROGRESS', memberId: 'm-1', rejoins: true, lookUps: 0 },
    { error: 'ILLEGAL_GENERATION', memberId: 'm-1', rejoins: true, lookUps: 0 },
    { error: 'UNKNOWN_MEMBER_ID', memberId: '', rejoins: true, lookUps: 0 },
    { error: 'NOT_COORDINATOR', memberId: 'm-1', rejoins: false, lookUps: 1 },
    { error: 'COORDINATOR_NOT_AVAILABLE', memberId: 'm-1', rejoins: false, lookUps: 1 },
    { error: 'COORDINATOR_LOAD_IN_PROGRESS', memberId: 'm-1', rejoins: false, lookUps: 0 }
  ] as const)('reacts to $error of a heartbeat', async ({ error, memberId, rejoins, lookUps }) => {
    await join()
    const before = count(findKey)
    nextErrors.set(heartbeatKey, error)
    await clock.advance(heartbeatIntervalMs)
    expect([member.memberId, member.isRejoinNeeded]).toEqual([memberId, rejoins])
    expect(member.isCoordinatorKnown).toBe(lookUps === 0)
    member.advance()
    await clock.advance(1_000)
    expect(count(findKey) - before).toBe(lookUps)
  })

  it.each([
    ['REBALANCE_IN_PROGRESS', syncKey],
    ['ILLEGAL_GENERATION', syncKey],
    ['UNKNOWN_MEMBER_ID', syncKey],
    ['UNKNOWN_MEMBER_ID', joinKey],
    ['NOT_COORDINATOR', joinKey],
    ['COORDINATOR_LOAD_IN_PROGRESS', joinKey]
  ] as const)('joins again after %s of request %d', async (error, key) => {
    nextErrors.set(key, error)
    await join()
    expect([count(joinKey), member.memberId]).toEqual([2, 'm-1'])
  })

  it.each([
    'INCONSISTENT_GROUP_PROTOCOL',
    'INVALID_SESSION_TIMEOUT',
    'INVALID_GROUP_ID',
    'GROUP_AUTHORIZATION_FAILED',
    'GROUP_MAX_SIZE_REACHED'
  ] as const)('fails for good at %s', async (error) => {
    nextErrors.set(joinKey, error)
    await expect(join()).rejects.toMatchObject({
      code: 'MIRROR_BROKER',
      brokerCode: brokerErrors[error],
      retriable: false
    })
  })

  it('that was thrown out has no lease again until its owner has done as it is told by the new round', async () => {
    await join()
    nextErrors.set(heartbeatKey, 'UNKNOWN_MEMBER_ID')
    await clock.advance(heartbeatIntervalMs)
    expect(member.leaseEndsAt).toBe(-Infinity)
    for (let turn = 0; turn < 5; turn++) {
      member.advance()
      await clock.advance(heartbeatIntervalMs)
    }
    expect([member.memberId, member.leaseEndsAt]).toEqual(['m-1', -Infinity])
    await join()
    expect(member.leaseEndsAt).toBeGreaterThan(clock.monotonic())
  })

  it('has no lease any more when it was told to join for the rebalance timeout, though its heartbeats are answered', async () => {
    await join()
    member.ownerWaits()
    const joinedBy = clock.monotonic()
    for (let beat = 0; beat * heartbeatIntervalMs < rebalanceTimeoutMs; beat++) {
      nextErrors.set(heartbeatKey, 'REBALANCE_IN_PROGRESS')
      await clock.advance(heartbeatIntervalMs)
    }
    expect(member.leaseEndsAt).toBeLessThanOrEqual(joinedBy + rebalanceTimeoutMs)
    expect(member.leaseEndsAt).toBeLessThanOrEqual(clock.monotonic())
    await join()
    expect(member.leaseEndsAt).toBeGreaterThan(clock.monotonic())
  })

  it('finds a coordinator that has moved, and beats on, while its owner is busy', async () => {
    await join()
    member.ownerTurnsAway()
    nextErrors.set(heartbeatKey, 'NOT_COORDINATOR')
    await clock.advance(heartbeatIntervalMs * 4)
    expect(member.isCoordinatorKnown).toBe(true)
    expect(member.leaseEndsAt - sessionTimeoutMs).toBeGreaterThan(clock.monotonic() - heartbeatIntervalMs * 2)
  })

  it('looks for its coordinator when heartbeats are not answered for a session', async () => {
    await join()
    nextErrors.set(heartbeatKey, undefined)
    await clock.advance(heartbeatIntervalMs + sessionTimeoutMs)
    expect(member.isCoordinatorKnown).toBe(false)
    expect(member.leaseEndsAt).toBeLessThanOrEqual(clock.monotonic())
  })

  it('leaves when its owner stays away for longer than the rebalance timeout, and not while it waits', async () => {
    await join()
    member.ownerWaits()
    await clock.advance(rebalanceTimeoutMs * 2)
    expect([member.memberId, count(leaveKey)]).toEqual(['m-1', 0])
    member.ownerTurnsAway()
    await clock.advance(rebalanceTimeoutMs - heartbeatIntervalMs)
    expect(member.memberId).toBe('m-1')
    await clock.advance(heartbeatIntervalMs * 3)
    expect([member.memberId, count(leaveKey), member.leaseEndsAt]).toEqual(['', 1, -Infinity])
  })
})
