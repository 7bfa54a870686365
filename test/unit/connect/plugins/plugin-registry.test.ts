import { describe, expect, it } from 'vitest'
import { convertersByName, headerConvertersByName } from '../../../../src/connect/converters/converter-table.ts'
import { PluginRegistry } from '../../../../src/connect/plugins/plugin-registry.ts'
import { predicatesByName } from '../../../../src/connect/transforms/predicates.ts'
import { transformationsByName } from '../../../../src/connect/transforms/transformation-table.ts'
import { toyConnector } from '../../../support/toy-plugin.ts'

describe('PluginRegistry', () => {
  const registry = new PluginRegistry(
    [toyConnector('org.toy.StringConnector'), toyConnector('org.toy.OrderSourceConnector')],
    '4.3.1'
  )

  it('finds a class by its name, its simple name, and that without what its kind is called', () => {
    for (const name of ['org.toy.OrderSourceConnector', 'OrderSourceConnector', 'OrderSource']) {
      expect(registry.findConnector(name)?.className).toBe('org.toy.OrderSourceConnector')
    }
    expect(registry.find('RegexRouter')?.className).toBe('org.apache.kafka.connect.transforms.RegexRouter')
    expect(registry.findConnector('RegexRouter')).toBeUndefined()
    expect(registry.findConnector('Nothing')).toBeUndefined()
    expect(registry.findConnector('')).toBeUndefined()
  })

  it('finds a class that is of two kinds by either, and none by an alias of two classes', () => {
    expect(registry.find('JsonConverter', 'converter')?.type).toBe('converter')
    expect(registry.find('JsonConverter', 'header_converter')?.type).toBe('header_converter')
    expect(registry.find('String')).toBeUndefined()
    expect(registry.find('StringConverter')?.className).toBe('org.apache.kafka.connect.storage.StringConverter')
  })

  it('finds a built-in class by whatever name a pipeline makes it by', () => {
    const builtIns = {
      transformation: transformationsByName,
      predicate: predicatesByName,
      converter: convertersByName,
      header_converter: headerConvertersByName
    } as const
    const alone = new PluginRegistry([], '4.3.1')
    for (const type of ['transformation', 'predicate', 'converter', 'header_converter'] as const) {
      for (const [name, { className }] of builtIns[type])
        expect(alone.find(name, type)?.className, name).toBe(className)
    }
  })

  it('lists connectors first, each kind by name', () => {
    const list = registry.descriptions()
    const kinds = list.map(({ type }) => type)
    expect([...new Set(kinds)]).toEqual(['source', 'transformation', 'predicate', 'converter', 'header_converter'])
    expect(kinds.lastIndexOf('source')).toBe(1)
    expect(list[0]).toEqual({ className: 'org.toy.OrderSourceConnector', type: 'source', version: '1.0' })
    expect(registry.classNames('source')).toEqual(['org.toy.OrderSourceConnector', 'org.toy.StringConnector'])
  })
})
