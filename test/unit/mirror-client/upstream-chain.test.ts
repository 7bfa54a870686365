import { expect, it } from 'vitest'
import { DefaultReplicationPolicy } from '../../../src/mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../../../src/mirror-client/identity-replication-policy.ts'
import { hopsFrom, upstreamChain } from '../../../src/mirror-client/upstream-chain.ts'

const policy = new DefaultReplicationPolicy()

it.each([
  { topic: 'topic', alias: 'source', hops: -1 },
  { topic: 'source1.topic', alias: 'source1', hops: 1 },
  { topic: 'source2.source1.topic', alias: 'source1', hops: 2 },
  { topic: 'source3.source2.source1.topic', alias: 'source1', hops: 3 },
  { topic: 'source3.source2.source1.topic', alias: 'source4', hops: -1 }
])('$topic is $hops hops from $alias', ({ topic, alias, hops }) => {
  expect(hopsFrom(policy, topic, alias)).toBe(hops)
})

it('a chain ends where a cluster comes up again, or where the policy goes in circles', () => {
  expect(upstreamChain(policy, 'A.B.A.C.heartbeats')).toEqual(['A', 'B'])
  const identity = new IdentityReplicationPolicy({ 'source.cluster.alias': 'A' })
  expect(upstreamChain(identity, 'orders')).toEqual(['A'])
  expect(upstreamChain(identity, 'B.heartbeats')).toEqual(['B'])
})
