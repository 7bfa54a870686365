import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isModuleReference } from '../../../src/config/module-reference.ts'
import { PluginLoader, type PluginConstructor } from '../../../src/config/plugin-loader.ts'

interface Policy {
  source(topic: string): string
  rename(topic: string): string
}

const policy = { noun: 'a replication policy', methods: ['source', 'rename'] } as const
const modules: Readonly<Record<string, string>> = {
  'policies.mjs': `
    class Base { source() { return 'A' } }
    export class MyPolicy extends Base { constructor(prefix) { super(); this.prefix = prefix } rename(t) { return this.prefix + t } }
    export class Half extends Base {}
    export const number = 7
    export const arrow = () => undefined`,
  'one.mjs': `export default class { source() { return 'default' } rename(t) { return t } }; export class Other {}`,
  'lonely.mjs': `export class Lonely { source() { return 'lonely' } rename(t) { return t } }`,
  'empty.mjs': '',
  'broken.mjs': 'throw new Error("it is Monday")',
  'node_modules/a-package/package.json': '{"name":"a-package","version":"1.0.0","type":"module","exports":"./main.js"}',
  'node_modules/a-package/main.js': `export class Packaged { source() { return 'packaged' } rename(t) { return t } }`,
  'node_modules/@scope/old/package.json': '{"name":"@scope/old","version":"1.0.0","main":"main.js"}',
  'node_modules/@scope/old/main.js': `class Old { source() { return 'old' } rename(t) { return t } }; module.exports = { Old }`
}

describe('PluginLoader', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plugins-'))
    for (const [name, text] of Object.entries(modules)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const load = async (value: string): Promise<PluginConstructor<[string], Policy>> =>
    await new PluginLoader(folder).load('replication.policy.class', value, policy)
  const sourceOf = async (value: string): Promise<string> => new (await load(value))('x').source('t')

  it('finds a class by path, URL or package, and by the name it is exported as', async () => {
    const MyPolicy = await load('./policies.mjs#MyPolicy')
    expect(new MyPolicy('B.').rename('t')).toBe('B.t')
    expect(await load(`${folder}/policies.mjs#MyPolicy`)).toBe(MyPolicy)
    expect(await load(`${pathToFileURL(join(folder, 'policies.mjs')).href}#MyPolicy`)).toBe(MyPolicy)
    expect(await sourceOf('a-package#Packaged')).toBe('packaged')
    expect(await sourceOf('@scope/old#Old')).toBe('old')
  })

  it('takes the default export, or the only class, where none is named', async () => {
    expect(await sourceOf('./one.mjs')).toBe('default')
    expect(await sourceOf('./lonely.mjs')).toBe('lonely')
  })

  it('says key, value, what was expected and what was found', async () => {
    const expected = 'expected a replication policy: a class with the methods source, rename; found'
    const cases: Readonly<Record<string, string>> = {
      './policies.mjs#Other': 'a module that exports MyPolicy, Half, number, arrow',
      './policies.mjs': 'a module that exports MyPolicy, Half, number, arrow: say which one, after a #',
      './policies.mjs#Half': 'class Half without the method rename',
      './policies.mjs#number': 'a value of type number, which is no class',
      './policies.mjs#arrow': 'a function, which is no class',
      './empty.mjs#X': 'a module that exports nothing',
      './broken.mjs#X': 'a module that does not load: it is Monday',
      'data:text/javascript,export class X {}#X': 'a module that does not load: only paths, file: URLs and packages',
      ' data:text/javascript,export class X {}#X': 'a module that does not load: only paths, file: URLs and packages',
      'com.example.MyPolicy': 'the name of a Java class that has no equivalent here'
    }
    for (const [value, found] of Object.entries(cases)) {
      const error = await load(value).catch((thrown: unknown) => thrown)
      expect(error, value).toMatchObject({ code: 'MIRROR_PLUGIN', retriable: false })
      expect(String(error)).toContain(`replication.policy.class = ${value}: ${expected} ${found}`)
    }
    for (const value of ['./nowhere.mjs#X', 'no-such-package-anywhere#X']) {
      await expect(load(value)).rejects.toThrow(/found (no such module|a module that does not load)/)
    }
  })
})

describe('isModuleReference', () => {
  it('tells modules from Java classes', () => {
    const modules = ['./a.js#A', '/a/B.js', 'file:///a/B.js', 'pkg', '@scope/pkg#A', 'some.package']
    const classes = ['org.apache.kafka.X', 'RegexRouter', 'a.b.C$D', '']
    expect(modules.filter(isModuleReference)).toEqual(modules)
    expect(classes.filter(isModuleReference)).toEqual([])
  })
})
