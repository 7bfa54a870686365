import { describe, expect, it } from 'vitest'
import { MirrorError } from '../../../../src/base/errors.ts'
import { parseJavaPattern } from '../../../../src/config/java-regex/java-pattern.ts'
import { type ConnectorConfig } from '../../../../src/connect/connector-config.ts'
import { PluginRegistry } from '../../../../src/connect/plugins/plugin-registry.ts'
import { ConnectorValidation } from '../../../../src/connect/validation/connector-validation.ts'
import { clientOverridePolicy } from '../../../../src/connect/worker/client-override-policy.ts'
import { toyConnector } from '../../../support/toy-plugin.ts'

const byteArray = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const valid: ConnectorConfig = { name: 'c', 'connector.class': 'org.toy.ToyConnector', color: 'red' }
const unknown = (name: string): Promise<never> =>
  Promise.reject(new MirrorError('MIRROR_PLUGIN', `${name} is not there`))

function validation(policy = 'All'): ConnectorValidation {
  return new ConnectorValidation({
    registry: new PluginRegistry([toyConnector('org.toy.ToyConnector')], '4.3.1'),
    loader: { transformation: unknown, predicate: unknown, converter: unknown, headerConverter: unknown },
    workerConfig: { 'key.converter': byteArray, 'value.converter': byteArray, 'header.converter': byteArray },
    overridePolicy: clientOverridePolicy(policy),
    resolve: (config) =>
      Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, value?.replace('${x:secret}', '4711') ?? null])
      ),
    compilePattern: (pattern) => parseJavaPattern(pattern).whole
  })
}

interface Answer {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly {
    readonly definition: Readonly<Record<string, unknown>> | null
    readonly value: {
      readonly name: string
      readonly value: string | null
      readonly recommended_values: readonly string[]
      readonly errors: readonly string[]
    }
  }[]
}

async function answer(config: ConnectorConfig, policy?: string): Promise<Answer> {
  return JSON.parse(JSON.stringify(await validation(policy).validate(config))) as Answer
}

const keysOf = ({ configs }: Answer): readonly string[] => configs.map(({ value }) => value.name)
const errorsOf = ({ configs }: Answer, key: string): readonly string[] | undefined =>
  configs.find(({ value }) => value.name === key)?.value.errors

describe('ConnectorValidation', () => {
  it('describes a key in the shape and member order of 4.3.1', async () => {
    const { configs, groups, error_count: count } = await answer({ ...valid, 'tasks.max': ' 3 ' })
    const tasksMax = configs.find(({ value }) => value.name === 'tasks.max')
    expect(JSON.stringify(tasksMax)).toBe(
      '{"definition":{"name":"tasks.max","type":"INT","required":false,"default_value":"1","importance":"HIGH",' +
        '"documentation":"Most tasks a connector is split into. At 1 nothing runs in parallel.","group":"Common",' +
        '"order_in_group":4,"width":"SHORT","display_name":"Tasks max","dependents":[]},' +
        '"value":{"name":"tasks.max","value":"3","recommended_values":[],"errors":[],"visible":true}}'
    )
    expect(count).toBe(0)
    expect(groups).toEqual([
      ...['Common', 'Transforms', 'Predicates', 'Error Handling', 'Topic Creation', 'Exactly Once Support'],
      'offsets.topic'
    ])
  })

  it('puts keys of the framework in the order of 4.3.1, then those of the connector', async () => {
    const keys = keysOf(await answer(valid))
    expect(keys.slice(0, 6)).toEqual([
      ...['name', 'connector.class', 'connector.plugin.version', 'tasks.max', 'tasks.max.enforce', 'key.converter']
    ])
    expect(keys.length).toBe(25)
    expect(keys.at(-1)).toBe('color')
  })

  it('takes defaults from the worker and the class', async () => {
    const { configs } = await answer(valid)
    const value = (key: string): unknown => configs.find((each) => each.value.name === key)?.value.value
    expect(value('key.converter')).toBe(byteArray)
    expect(value('connector.plugin.version')).toBe('1.0')
  })

  it('describes the keys of each transform and predicate, in groups of their own', async () => {
    const config = {
      ...valid,
      transforms: 'a',
      'transforms.a.type': 'RegexRouter',
      'transforms.a.regex': '(',
      'transforms.a.replacement': 'x',
      predicates: 'p',
      'predicates.p.type': 'RecordIsTombstone'
    }
    const result = await answer(config)
    const start = keysOf(result).indexOf('transforms.a.type')
    expect(keysOf(result).slice(start, -1)).toEqual([
      ...['type', 'plugin.version', 'regex', 'replacement', 'negate', 'predicate'].map((key) => `transforms.a.${key}`),
      ...['predicates.p.type', 'predicates.p.plugin.version']
    ])
    const places = result.configs
      .slice(start, start + 3)
      .map(({ definition }) => [
        ...[definition?.['group'], definition?.['order_in_group'], definition?.['width'], definition?.['display_name']]
      ])
    expect(places).toEqual([
      ['Transforms: a', 0, 'LONG', 'Transformation type for a'],
      ['Transforms: a', 1, 'LONG', 'Transformation version for a'],
      ['Transforms: a', 2, 'NONE', 'regex']
    ])
    expect(result.groups.slice(-2)).toEqual(['Transforms: a', 'Predicates: p'])
    expect(errorsOf(result, 'transforms.a.regex')).toHaveLength(1)
    expect(result.error_count).toBe(1)
  })

  it('counts a message each, but a bad client override or converter setting once', async () => {
    expect((await answer({ ...valid, color: 'grey' })).error_count).toBe(2)
    expect((await answer({ ...valid, 'tasks.max': '0', color: 'grey' })).error_count).toBe(3)
    const config = {
      ...valid,
      'producer.override.acks': 'all',
      'producer.override.own.thing': 'x',
      'value.converter': 'JsonConverter',
      'value.converter.schemas.enable': 'maybe'
    }
    const result = await answer(config, 'None')
    expect(result.error_count).toBe(3)
    const start = keysOf(result).indexOf('producer.override.acks')
    expect(keysOf(result).slice(start, start + 3)).toEqual([
      ...['producer.override.acks', 'producer.override.own.thing', 'value.converter.schemas.enable']
    ])
    expect(result.configs.find(({ value }) => value.name === 'producer.override.own.thing')?.definition).toBeNull()
    expect((await answer(config, 'All')).error_count).toBe(1)
  })

  it('flags nulls and what nobody defines first', async () => {
    const result = await answer({ ...valid, 'my.key': null })
    expect(keysOf(result)[0]).toBe('my.key')
    expect(result.configs[0]?.definition).toBeNull()
    expect(result.error_count).toBe(1)
  })

  it('flags what is required and absent', async () => {
    const result = await answer({ 'connector.class': 'Toy' })
    expect(errorsOf(result, 'name')).toHaveLength(1)
    expect(errorsOf(result, 'color')).toEqual(['color: missing'])
    expect(result.name).toBe('Toy')
  })

  it('flags classes that neither are built in nor can be loaded', async () => {
    const config = { ...valid, 'key.converter': './c.js#C', transforms: 'a', 'transforms.a.type': './t.js#T' }
    const result = await answer(config)
    expect(errorsOf(result, 'key.converter')).toEqual(['./c.js#C is not there'])
    expect(errorsOf(result, 'transforms.a.type')).toEqual(['./t.js#T is not there'])
  })

  it('looks at nothing else where the connector is not of the version asked for', async () => {
    const result = await answer({ ...valid, color: 'grey', 'connector.plugin.version': '[2,3)' })
    expect(errorsOf(result, 'connector.class')).toHaveLength(1)
    expect(errorsOf(result, 'connector.plugin.version')).toHaveLength(1)
    expect(result.error_count).toBe(2)
    const version = result.configs.find(({ value }) => value.name === 'connector.plugin.version')
    expect(version?.value.recommended_values).toEqual(['1.0'])
  })

  it('prints neither secrets nor what stands for placeholders', async () => {
    const config = {
      ...valid,
      'producer.override.ssl.key.password': 'hunter2',
      'producer.override.sasl.jaas.config': 'hunter2',
      'tasks.max': '${x:secret}x'
    }
    const text = JSON.stringify(await answer(config))
    expect(text).not.toMatch(/hunter2|4711/)
    expect(text).toContain('${x:secret}x')
    expect((await answer(config)).error_count).toBe(1)
  })

  it('refuses a class that is not to be had as a bad request', async () => {
    for (const config of [{ name: 'c' }, { name: 'c', 'connector.class': 'Nope' }]) {
      await expect(validation().validate(config)).rejects.toMatchObject({ kind: 'badRequest' })
    }
  })

  it('hands the same problems to whoever stores configs', async () => {
    expect(await validation().problems(valid)).toEqual([])
    expect(await validation().problems({ ...valid, color: 'grey' })).toEqual([
      { key: 'color', message: 'grey is no colour' },
      { key: 'color', message: 'grey is sad' }
    ])
  })

  it('lists the keys of a plug-in by any of its names, in the version asked for', async () => {
    const names = async (plugin: string, version?: string): Promise<readonly string[]> => {
      const text = JSON.stringify(await validation().definitions(plugin, version))
      const list = JSON.parse(text) as readonly { readonly name: string }[]
      return list.map(({ name }) => name)
    }
    expect(await names('RegexRouter')).toEqual(['regex', 'replacement'])
    expect((await names('Toy', '[1,2)')).at(-1)).toBe('color')
    await expect(names('Nope')).rejects.toMatchObject({ kind: 'notFound' })
    await expect(names('Toy', '7')).rejects.toMatchObject({ kind: 'badRequest' })
    await expect(names('Toy', '[7')).rejects.toMatchObject({ kind: 'badRequest' })
  })
})
