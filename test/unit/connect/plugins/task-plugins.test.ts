import { expect, it } from 'vitest'
import { PluginRegistry } from '../../../../src/connect/plugins/plugin-registry.ts'
import { taskPlugins } from '../../../../src/connect/plugins/task-plugins.ts'

const registry = new PluginRegistry([], '4.3.1')

it('the plug-ins of a task are told by full name and alias, the worker’s converters where it has none', () => {
  const config = {
    'key.converter': 'String',
    transforms: 'a,b',
    'transforms.a.type': 'RegexRouter',
    'transforms.b.type': './t.js#T',
    'transforms.b.predicate': 'p',
    predicates: 'p',
    'predicates.p.type': 'RecordIsTombstone'
  }
  const worker = { 'value.converter': 'ByteArrayConverter' }
  const byteArray = { className: 'org.apache.kafka.connect.converters.ByteArrayConverter', version: '4.3.1' }
  expect(taskPlugins(config, worker, registry)).toEqual({
    keyConverter: { className: 'org.apache.kafka.connect.storage.StringConverter', version: '4.3.1' },
    valueConverter: byteArray,
    headerConverter: byteArray,
    transforms: new Map([
      ['a', { className: 'org.apache.kafka.connect.transforms.RegexRouter', version: '4.3.1' }],
      ['b', { className: './t.js#T', version: 'undefined' }]
    ]),
    predicates: new Map([
      ['p', { className: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone', version: '4.3.1' }]
    ])
  })
  expect(taskPlugins({ transforms: 'a' }, {}, registry)).toBeUndefined()
})
