import { describe, expect, it } from 'vitest'
import { type TopicConfigEntry } from '../../../../src/client/topic-configs.ts'
import { configsForCreation } from '../../../../src/mirror/source/topic-config-filter.ts'

const entry = (name: string, source: number, rest: Partial<TopicConfigEntry> = {}): TopicConfigEntry => ({
  name,
  value: 'v',
  source,
  isDefault: source !== 1,
  isReadOnly: false,
  isSensitive: false,
  ...rest
})

const entries = [
  entry('topic', 1),
  entry('dynamic-broker', 2),
  entry('dynamic-cluster', 3),
  entry('broker-file', 4),
  entry('built-in', 5),
  entry('read-only', 1, { isReadOnly: true }),
  entry('sensitive', 1, { isSensitive: true, value: null }),
  entry('excluded', 1)
]

describe('configsForCreation', () => {
  it('keeps what was set on the topic or on running brokers', () => {
    const filter = { shouldReplicateConfigProperty: (name: string) => name !== 'excluded' }
    expect(Object.keys(configsForCreation(entries, filter))).toEqual(['topic', 'dynamic-broker', 'dynamic-cluster'])
  })

  it('adds built-in defaults when the filter wants them', () => {
    const filter = { shouldReplicateConfigProperty: () => true, shouldReplicateSourceDefault: () => true }
    const names = Object.keys(configsForCreation(entries, filter))
    expect(names).toContain('built-in')
    expect(names).not.toContain('broker-file')
  })
})
