import { expect, test } from 'vitest'
import { compileJavaPattern } from '../../../../src/config/java-regex/java-pattern.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { TopicCreationRules } from '../../../../src/connect/worker/topic-creation.ts'

const rulesOf = (config: ConnectorConfig): TopicCreationRules | null =>
  TopicCreationRules.of(config, compileJavaPattern)

const defaults = { 'topic.creation.default.partitions': '3', 'topic.creation.default.replication.factor': '-1' }

test('there are no rules for a connector without such keys', () => {
  expect(rulesOf({ name: 'c', 'topic.creations': 'x' })).toBeNull()
})

test('the first group that has the topic decides, exclusions win, and absent counts come from the default', () => {
  const rules = rulesOf({
    ...defaults,
    'topic.creation.default.retention.ms': '1',
    'topic.creation.groups': 'big, compacted',
    'topic.creation.big.include': 'big.*, huge',
    'topic.creation.big.exclude': 'bigot',
    'topic.creation.big.partitions': '50',
    'topic.creation.compacted.include': '.*-state|bigot',
    'topic.creation.compacted.cleanup.policy': 'compact'
  })
  const shortOf = (topic: string): unknown[] => {
    const spec = rules?.specOf(topic)
    return [spec?.partitions, spec?.replicationFactor, [...(spec?.configs ?? [])].join()]
  }
  expect(shortOf('big-1')).toEqual([50, -1, ''])
  expect(shortOf('a-state')).toEqual([3, -1, 'cleanup.policy,compact'])
  expect(shortOf('bigot')).toEqual([3, -1, 'cleanup.policy,compact'])
  expect(shortOf('not-big')).toEqual([3, -1, 'retention.ms,1'])
})

test('every wrong key is told', () => {
  const wrong = {
    'topic.creation.default.partitions': '0',
    'topic.creation.groups': 'g',
    'topic.creation.g.include': '(',
    'topic.creation.g.replication.factor': '70000'
  }
  let message = ''
  try {
    rulesOf(wrong)
  } catch (thrown) {
    message = String(thrown)
  }
  expect(message).toMatch(/default\.partitions = 0/)
  expect(message).toMatch(/default\.replication\.factor: missing/)
  expect(message).toMatch(/g\.include = \(: expected regular expressions/)
  expect(message).toMatch(/g\.replication\.factor = 70000/)
})
