import { expect, it } from 'vitest'
import { readConnectorConfig } from '../../../src/mirror/connector-properties.ts'
import { readMirrorSourceConfig } from '../../../src/mirror/source/mirror-source-config.ts'

const stored = {
  'source.cluster.alias': 'A',
  'source.cluster.bootstrap.servers': 'a:9092',
  'target.cluster.bootstrap.servers': 'b:9092'
}

it.each([
  ['topics.blacklist', 'topics.exclude'],
  ['config.properties.blacklist', 'config.properties.exclude']
] as const)('%s in a config that a worker of 3.9 has stored is taken for %s, which wins, also by tasks', (old, now) => {
  const read = (more: Record<string, string>) => readConnectorConfig({ ...stored, ...more }, readMirrorSourceConfig)
  expect(read({ [old]: 'x' }).options[now]).toEqual(['x'])
  expect(read({ [old]: 'x', [now]: 'y' }).options[now]).toEqual(['y'])
  expect(read({ [old]: 'x' }).settings.properties).toMatchObject({ [now]: 'x' })
  expect(read({ [old]: 'x' }).settings.properties).not.toHaveProperty(old)
})
