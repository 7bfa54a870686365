import { describe, expect, it } from 'vitest'
import { type TopicMetadata } from '../../../src/client/cluster.ts'
import { MetadataState } from '../../../src/client/metadata-state.ts'

const firstId = Buffer.alloc(16, 1)
const secondId = Buffer.alloc(16, 2)

function topic(
  topicId: Buffer | null,
  ...leaders: readonly (readonly [leader: number, epoch: number])[]
): TopicMetadata {
  const partitions = leaders.map(([leader, leaderEpoch], partition) => ({
    partition,
    errorCode: 0,
    leader,
    leaderEpoch
  }))
  return { name: 't', errorCode: 0, topicId, isInternal: false, partitions }
}

function apply(state: MetadataState, ...topics: readonly TopicMetadata[]): boolean {
  return state.apply({ brokers: [], clusterId: 'c', controllerId: 1, topics }, () => true)
}

describe('metadata answers', () => {
  it('of a broker that lags behind do not bring an old leader back', () => {
    const state = new MetadataState()
    apply(state, topic(firstId, [2, 5], [1, 1]))
    expect(apply(state, topic(firstId, [1, 4], [3, 2]))).toBe(true)
    expect(state.leader('t', 0)).toEqual({ nodeId: 2, epoch: 5, topicId: firstId })
    expect(state.leader('t', 1)).toEqual({ nodeId: 3, epoch: 2, topicId: firstId })
  })

  it('show a topic that was created anew, although its epochs are lower', () => {
    const state = new MetadataState()
    apply(state, topic(firstId, [2, 5]))
    expect(apply(state, topic(secondId, [1, 0]))).toBe(true)
    expect(state.leader('t', 0)).toEqual({ nodeId: 1, epoch: 0, topicId: secondId })
  })

  it('count as a change only when something is different', () => {
    const state = new MetadataState()
    expect(apply(state, topic(firstId, [1, 0]))).toBe(true)
    expect(apply(state, topic(firstId, [1, 0]))).toBe(false)
    expect(apply(state, { ...topic(firstId), errorCode: 3 })).toBe(true)
  })

  it('find partitions also where their numbers have gaps', () => {
    const state = new MetadataState()
    const gap = { ...topic(null), partitions: [{ partition: 7, errorCode: 0, leader: 4, leaderEpoch: -1 }] }
    apply(state, gap)
    expect(state.leader('t', 7)?.nodeId).toBe(4)
    expect(state.leader('t', 0)).toBeUndefined()
  })
})
