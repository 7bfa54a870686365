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
      adminTimeoutMs: 60_000,
      properties: { name: 'x' }
    })
  })

  it('reads a negative interval, and a refresh that is switched off, as never', () => {
    const intervalOf = (changes: object): number | null =>
      mirrorSourceSettings({ ...options, ...changes }, {}).refreshTopicsIntervalMs
    expect(intervalOf({ 'refresh.topics.interval.seconds': -1 })).toBeNull()
    expect(intervalOf({ 'refresh.topics.enabled': false })).toBeNull()
  })

  it('narrows the replication factor to the 16 bits of the wire', () => {
    const factorOf = (factor: number): number =>
      mirrorSourceSettings({ ...options, 'replication.factor': factor }, {}).replicationFactor
    expect([-1, 3, 65_538].map(factorOf)).toEqual([-1, 3, 2])
  })
})
