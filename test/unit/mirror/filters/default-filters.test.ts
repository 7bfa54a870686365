import { describe, expect, it } from 'vitest'
import { DefaultConfigPropertyFilter } from '../../../../src/mirror/filters/default-config-property-filter.ts'
import { DefaultTopicFilter } from '../../../../src/mirror/filters/default-topic-filter.ts'
import { sourceConnectorOptions } from '../../../../src/mirror/mirror-options.ts'

describe('DefaultTopicFilter', () => {
  it('accepts what is included and not excluded, by whole names', () => {
    const filter = new DefaultTopicFilter({ topics: ['orders', 'pay.*'], 'topics.exclude': ['.*-dev'] })
    const topics = ['orders', 'orders2', 'payments', 'payments-dev']
    expect(topics.filter((topic) => filter.shouldReplicateTopic(topic))).toEqual(['orders', 'payments'])
  })

  it('accepts nothing when no topics are named', () => {
    expect(new DefaultTopicFilter({ topics: [], 'topics.exclude': [] }).shouldReplicateTopic('orders')).toBe(false)
  })
})

describe('DefaultConfigPropertyFilter', () => {
  const excluded = sourceConnectorOptions['config.properties.exclude'].default ?? []

  it('copies what the default list does not name', () => {
    const filter = new DefaultConfigPropertyFilter({
      'config.properties.exclude': excluded,
      'use.defaults.from': 'target'
    })
    const copied = [
      'cleanup.policy',
      'min.insync.replicas',
      'message.timestamp.type',
      'message.timestamp.before.max.ms'
    ]
    expect(copied.filter((name) => filter.shouldReplicateConfigProperty(name))).toEqual([
      'cleanup.policy',
      'message.timestamp.before.max.ms'
    ])
    expect(filter.shouldReplicateSourceDefault()).toBe(false)
  })

  it('writes defaults of the source out only for exactly `source`', () => {
    const from = (text: string): boolean =>
      new DefaultConfigPropertyFilter({
        'config.properties.exclude': [],
        'use.defaults.from': text
      }).shouldReplicateSourceDefault()
    expect([from('source'), from('Source')]).toEqual([true, false])
  })
})
