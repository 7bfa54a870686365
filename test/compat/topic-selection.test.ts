import { describe, expect, it } from 'vitest'
import { assignTasks } from '../../src/mirror/source/task-assignment.ts'
import { TopicSelection } from '../../src/mirror/source/topic-selection.ts'
import { DefaultReplicationPolicy } from '../../src/mirror-client/default-replication-policy.ts'
import { IdentityReplicationPolicy } from '../../src/mirror-client/identity-replication-policy.ts'
import { completePolicy, type ReplicationPolicy } from '../../src/mirror-client/replication-policy.ts'
import vectors from './vectors/topic-selection.json' with { type: 'json' }

interface Verdicts {
  readonly yes: readonly string[]
  readonly no: readonly string[]
}

function select(policy: ReplicationPolicy, filterSays: boolean, replicateHeartbeats = true): TopicSelection {
  const topicFilter = { shouldReplicateTopic: () => filterSays }
  return new TopicSelection({ policy, topicFilter, targetAlias: 'target', replicateHeartbeats })
}

function expectVerdicts(selection: TopicSelection, { yes, no }: Verdicts): void {
  expect(yes.filter((topic) => !selection.isMirrored(topic))).toEqual([])
  expect(no.filter((topic) => selection.isMirrored(topic))).toEqual([])
}

const defaultPolicy = new DefaultReplicationPolicy()

describe('TopicSelection', () => {
  it('refuses what has passed the target, where names tell it', () => {
    expectVerdicts(select(defaultPolicy, true), vectors.acceptAll.default)
    const identity = new IdentityReplicationPolicy({ 'source.cluster.alias': 'source' })
    expectVerdicts(select(identity, true), vectors.acceptAll.identity)
  })

  it('mirrors heartbeats whatever the filter says', () => {
    expectVerdicts(select(defaultPolicy, false), vectors.rejectAll.dot)
    const underscore = new DefaultReplicationPolicy({ 'replication.policy.separator': '_' })
    expectVerdicts(select(underscore, false), vectors.rejectAll.underscore)
  })

  it('leaves heartbeats to the filter when their replication is off', () => {
    const topics = vectors.rejectAll.dot.yes
    expectVerdicts(select(defaultPolicy, false, false), { yes: [], no: topics })
    expectVerdicts(select(defaultPolicy, true, false), { yes: topics, no: [] })
  })

  it('ends with a policy that goes nowhere or in circles', () => {
    const lost = completePolicy({ formatRemoteTopic: (_, t) => t, topicSource: () => '', upstreamTopic: () => null })
    expect(select(lost, true).isCycle('.b')).toBe(false)
    const circling = completePolicy({
      formatRemoteTopic: (_, topic) => topic,
      topicSource: () => 'x',
      upstreamTopic: (topic) => (topic === 'a' ? 'b' : 'a')
    })
    expect(select(circling, true).isMirrored('a')).toBe(true)
  })
})

describe('assignTasks', () => {
  it('deals partitions out one by one', () => {
    const partitions = Object.entries(vectors.assignment.topics).flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition }))
    )
    const configs = assignTasks({}, partitions, vectors.assignment.maxTasks)
    expect(configs.map((config) => config['task.assigned.partitions'])).toEqual(vectors.assignment.tasks)
    expect(configs.map((config) => config['task.index'])).toEqual(['0', '1', '2'])
  })
})
