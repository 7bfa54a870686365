import { describe, expect, it } from 'vitest'
import { DefaultReplicationPolicy } from '../../../src/mirror-client/default-replication-policy.ts'
import { completePolicy } from '../../../src/mirror-client/replication-policy.ts'

/** Names that put the alias behind: `topic@alias`. */
const suffixNames = {
  formatRemoteTopic: (alias: string, topic: string) => `${topic}@${alias}`,
  topicSource: (topic: string) => (topic.includes('@') ? topic.slice(topic.lastIndexOf('@') + 1) : null),
  upstreamTopic: (topic: string) => (topic.includes('@') ? topic.slice(0, topic.lastIndexOf('@')) : null)
}

describe('completePolicy', () => {
  it('builds what a policy leaves out on the three rules that it has', () => {
    const policy = completePolicy(suffixNames)
    expect(policy.originalTopic('orders@A@B')).toBe('orders')
    expect(policy.isHeartbeatsTopic('heartbeats@A@B')).toBe(true)
    expect(policy.offsetSyncsTopic('B')).toBe('mm2-offset-syncs.B.internal')
    expect(policy.checkpointsTopic('A')).toBe('A.checkpoints.internal')
    const internal = ['mm2-offsets.A.internal', 'A.checkpoints.internal', '__x', '.x', 'mm2-offsets_A_internal']
    expect(internal.filter((topic) => !policy.isInternalTopic(topic))).toEqual([])
    expect(policy.isInternalTopic('orders.internal')).toBe(false)
  })

  it('takes nothing but a text for a name, and undefined for "no such name"', () => {
    const plain = { formatRemoteTopic: () => '', topicSource: () => undefined, upstreamTopic: () => undefined }
    const policy = completePolicy(plain as never)
    expect(() => policy.formatRemoteTopic('A', 'orders')).toThrow(/no name for topic orders of A/)
    expect([policy.topicSource('x'), policy.upstreamTopic('x'), policy.originalTopic('x')]).toEqual([null, null, 'x'])
  })

  it('keeps what a policy says itself', () => {
    const policy = completePolicy({ ...suffixNames, heartbeatsTopic: () => 'pulse', isInternalTopic: () => false })
    expect(policy.isHeartbeatsTopic('pulse@A')).toBe(true)
    expect(policy.isInternalTopic('__consumer_offsets')).toBe(false)
  })
})

describe('DefaultReplicationPolicy', () => {
  it('names internal topics with a dot unless the switch says true, in any case', () => {
    const checkpoints = (enabled: string): string =>
      new DefaultReplicationPolicy({
        'replication.policy.separator': '_',
        'replication.policy.internal.topic.separator.enabled': enabled
      }).checkpointsTopic('A')
    expect(['TRUE', 'yes', ''].map(checkpoints)).toEqual([
      'A_checkpoints_internal',
      'A.checkpoints.internal',
      'A.checkpoints.internal'
    ])
  })

  it('ignores the switch where no separator is set', () => {
    const policy = new DefaultReplicationPolicy({ 'replication.policy.internal.topic.separator.enabled': 'false' })
    expect(policy.checkpointsTopic('A')).toBe('A.checkpoints.internal')
  })
})
