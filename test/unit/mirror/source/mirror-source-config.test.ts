import { describe, expect, it } from 'vitest'
import { mirrorSourceSettings } from '../../../../src/mirror/source/mirror-source-config.ts'

const options = {
  enabled: true,
  'source.cluster.alias': 'A',
  'target.cluster.alias': 'B',
  'replication.factor': 2,
  'heartbeats.replication.enabled': true,
  'refresh.topics.enabled': true,
  'refresh.topics.interval.seconds': 600,
  'sync.topic.configs.enabled': true,
  'sync.topic.configs.interval.seconds': 300,
  'sync.topic.acls.enabled': true,
  'sync.topic.acls.interval.seconds': 200,
  'use.incremental.alter.configs': 'requested' as const,
  'admin.timeout.ms': 60_000
}

describe('mirrorSourceSettings', () => {
  it('turns seconds into milliseconds and keeps the text for the tasks', () => {
    expect(mirrorSourceSettings(options, { name: 'x' })).toEqual({
      enabled: true,
      sourceAlias: 'A',
      targetAlias: 'B',
      replicationFactor: 2,
      replicateHeartbeats: true,
      refreshTopicsIntervalMs: 600_000,
      syncTopicConfigsIntervalMs: 300_000,
      incrementalAlterConfigs: 'requested',
      syncTopicAclsIntervalMs: 200_000,
      adminTimeoutMs: 60_000,
      properties: { name: 'x' }
    })
  })

  it.each([
    ['refreshTopicsIntervalMs', 'refresh.topics'],
    ['syncTopicConfigsIntervalMs', 'sync.topic.configs'],
    ['syncTopicAclsIntervalMs', 'sync.topic.acls']
  ] as const)('reads a negative interval, and a job that is switched off, as never: %s', (setting, key) => {
    const intervalOf = (changes: object): number | null => mirrorSourceSettings({ ...options, ...changes }, {})[setting]
    expect(intervalOf({ [`${key}.interval.seconds`]: -1 })).toBeNull()
    expect(intervalOf({ [`${key}.enabled`]: false })).toBeNull()
  })

  it('narrows the replication factor to the 16 bits of the wire', () => {
    const factorOf = (factor: number): number =>
      mirrorSourceSettings({ ...options, 'replication.factor': factor }, {}).replicationFactor
    expect([-1, 3, 65_538].map(factorOf)).toEqual([-1, 3, 2])
  })
})
