import { describe, expect, it } from 'vitest'
import { DefaultTopicFilter } from '../../src/mirror/filters/default-topic-filter.ts'
import { sourceConnectorOptions } from '../../src/mirror/mirror-options.ts'
import { DefaultReplicationPolicy } from '../../src/mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../../src/mirror-client/identity-replication-policy.ts'
import vectors from './vectors/replication-policy.json' with { type: 'json' }

const separator = (text: string): Record<string, string> => ({ 'replication.policy.separator': text })
const policy = new DefaultReplicationPolicy()

describe('DefaultReplicationPolicy', () => {
  it.each(vectors.split)('takes %j apart into source %j and upstream topic %j', (topic, source, upstream) => {
    expect(policy.topicSource(topic ?? '')).toBe(source)
    expect(policy.upstreamTopic(topic ?? '')).toBe(upstream)
  })

  it.each(vectors.internalNames)(
    'names internal topics with separator %j, in internal names %j',
    (sep, on, syncs, checkpoints) => {
      const own = new DefaultReplicationPolicy({
        ...separator(sep),
        'replication.policy.internal.topic.separator.enabled': on
      })
      expect(own.offsetSyncsTopic('C')).toBe(syncs)
      expect(own.checkpointsTopic('C')).toBe(checkpoints)
      expect(own.heartbeatsTopic()).toBe('heartbeats')
      expect(own.formatRemoteTopic('A', 't')).toBe(`A${sep}t`)
    }
  )

  it('takes a separator for text, never for a pattern', () => {
    expect(new DefaultReplicationPolicy(separator('.*')).topicSource('A.*t')).toBe('A')
    expect(new DefaultReplicationPolicy(separator('.*')).topicSource('A.xt')).toBeNull()
  })

  it('tells heartbeat and checkpoint topics', () => {
    expect(vectors.heartbeats.yes.filter((topic) => !policy.isHeartbeatsTopic(topic))).toEqual([])
    expect(vectors.heartbeats.no.filter((topic) => policy.isHeartbeatsTopic(topic))).toEqual([])
    expect(vectors.checkpoints.yes.filter((topic) => !policy.isCheckpointsTopic(topic))).toEqual([])
    expect(vectors.checkpoints.no.filter((topic) => policy.isCheckpointsTopic(topic))).toEqual([])
  })

  it.each(vectors.internal.rows as [string, boolean, boolean, boolean][])(
    'decides like Kafka 4.3.1 whether %j is internal, but for storage topics of routes',
    (topic, withDot, withUnderscore, isAcceptedByFilter) => {
      const isHardened = vectors.internal.hardened.includes(topic)
      const filter = new DefaultTopicFilter({
        topics: sourceConnectorOptions.topics.default ?? [],
        'topics.exclude': sourceConnectorOptions['topics.exclude'].default ?? []
      })
      expect(policy.isInternalTopic(topic)).toBe(withDot || isHardened)
      expect(new DefaultReplicationPolicy(separator('_')).isInternalTopic(topic)).toBe(withUnderscore || isHardened)
      expect(filter.shouldReplicateTopic(topic)).toBe(isAcceptedByFilter)
    }
  )
})

describe('IdentityReplicationPolicy', () => {
  const identity = new IdentityReplicationPolicy({ 'source.cluster.alias': 'A' })

  it('keeps names, and takes every ordinary topic for one of the source', () => {
    expect(identity.formatRemoteTopic('A', 'B.orders')).toBe('B.orders')
    expect(identity.topicSource('B.orders')).toBe('A')
    expect(identity.upstreamTopic('B.orders')).toBe('B.orders')
    expect(identity.originalTopic('B.orders')).toBe('B.orders')
    expect(new IdentityReplicationPolicy().topicSource('orders')).toBeNull()
    expect(identity.checkpointsTopic('A')).toBe('A.checkpoints.internal')
  })

  it('names whatever ends in heartbeats by the default rule', () => {
    expect(identity.formatRemoteTopic('A', 'device-heartbeats')).toBe('A.device-heartbeats')
    expect(identity.topicSource('x.heartbeats')).toBe('x')
    expect(identity.upstreamTopic('x.heartbeats')).toBe('heartbeats')
    expect(identity.topicSource('heartbeats')).toBeNull()
  })
})
