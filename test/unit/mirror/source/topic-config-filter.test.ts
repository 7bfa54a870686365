import { describe, expect, it } from 'vitest'
import { type TopicConfigEntry } from '../../../../src/client/topic-configs.ts'
import { configDifferences, configsForCreation } from '../../../../src/mirror/source/topic-config-filter.ts'

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

describe('configDifferences', () => {
  const all = { shouldReplicateConfigProperty: (name: string) => name !== 'excluded' }

  it.each([
    ['sets what differs', entry('x', 1, { value: 'a' }), entry('x', 1, { value: 'b' }), 'a'],
    ['sets what the target has by default alone', entry('x', 1), entry('x', 5), 'v'],
    ['pins what the source’s running brokers set', entry('x', 3), entry('x', 5), 'v'],
    ['takes an override away where the source has the built-in default', entry('x', 5), entry('x', 1), null],
    ['leaves equal settings', entry('x', 1), entry('x', 1), undefined],
    ['leaves defaults', entry('x', 5), entry('x', 4), undefined],
    ['leaves what is excluded', entry('excluded', 5), entry('excluded', 1), undefined],
    ['leaves what the source’s brokers have in their file', entry('x', 4), entry('x', 1), undefined],
    ['leaves what is read-only', entry('x', 1, { isReadOnly: true }), entry('x', 5), undefined],
    ['leaves what is sensitive', entry('x', 1, { isSensitive: true }), entry('x', 5), undefined]
  ])('%s', (_, source, target, change) => {
    const changes = change === undefined ? [] : [{ name: source.name, value: change }]
    expect(configDifferences([source], [target], all)).toEqual({ changes, unknown: [] })
  })

  it('sets built-in defaults of the source when the filter wants them', () => {
    const filter = { ...all, shouldReplicateSourceDefault: () => true }
    const { changes } = configDifferences([entry('x', 5, { value: 'd' })], [entry('x', 1)], filter)
    expect(changes).toEqual([{ name: 'x', value: 'd' }])
  })

  it('names settings that the target does not know, unless nothing would be written', () => {
    expect(configDifferences([entry('new', 1), entry('newer', 5)], [], all)).toEqual({ changes: [], unknown: ['new'] })
  })
})
