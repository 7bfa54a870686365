import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigProviders, loadConfigProviders } from '../../../src/config/config-providers.ts'
import { Findings } from '../../../src/config/findings.ts'
import { PluginLoader } from '../../../src/config/plugin-loader.ts'
import { traced, untraced } from '../../../src/config/traced-properties.ts'

const classOf = (kind: string): string => `org.apache.kafka.common.config.provider.${kind}ConfigProvider`

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-providers-'))
  writeFileSync(join(directory, 'secrets.properties'), 'user = ann\npass:word = caf\u00e9\n')
  writeFileSync(join(directory, 'token'), 'line\n')
  writeFileSync(
    join(directory, 'vault.mjs'),
    `export class Vault {
       constructor(parameters) { if (parameters.mount === 'none') throw new Error('no such mount'); this.mount = parameters.mount }
       get(path, key) { return key === 'absent' ? undefined : [this.mount, path, key].join('/') }
     }
     export class Promising { async get() { return 'later' } }
     export class Deaf {}`
  )
})
afterAll(() => {
  rmSync(directory, { recursive: true })
})

function resolve(
  value: string,
  settings: Record<string, string> = {}
): { value: string | undefined; findings: Findings } {
  const properties = traced(
    Object.entries({
      'config.providers': 'env, file,dir,nameless',
      'config.providers.env.class': classOf('EnvVar'),
      'config.providers.file.class': classOf('File'),
      'config.providers.dir.class': classOf('Directory'),
      ...settings,
      key: value
    })
  )
  const findings = new Findings()
  const providers = ConfigProviders.declaredIn(properties, { HOST: 'a', SECRET: 'b' }, findings)
  return { value: untraced(providers.resolve(properties, findings)).get('key'), findings }
}

describe('ConfigProviders', () => {
  it('replaces placeholders of the environment, files and directories anywhere in a value', () => {
    expect(resolve('${env:HOST}:9092,${env:HOST}:9093').value).toBe('a:9092,a:9093')
    expect(resolve(`\${file:${directory}/secrets.properties:user}`).value).toBe('ann')
    expect(resolve(`x\${dir:${directory}:token}y`).value).toBe('xline\ny')
  })

  it('lets a key hold colons and reads the file as UTF-8', () => {
    writeFileSync(join(directory, 'colon.properties'), 'pass\\:word = caf\u00e9\n', 'utf8')
    expect(resolve(`\${file:${directory}/colon.properties:pass:word}`).value).toBe('caf\u00e9')
  })

  it('leaves an unknown provider or a missing key as it is, with a warning', () => {
    for (const text of ['${vault:x}', '${env:NONE}', '${nameless:x}', `\${dir:${directory}:none}`]) {
      const { value, findings } = resolve(text)
      expect(value).toBe(text)
      expect(findings.warnings).toHaveLength(1)
      expect(findings.problems).toEqual([])
    }
  })

  it('calls a file that cannot be read a problem of the key', () => {
    const { findings } = resolve(`\${file:${directory}/absent:user}`)
    expect(findings.problems).toEqual([
      expect.objectContaining({ key: 'key', expected: expect.stringContaining('ENOENT') as string })
    ])
  })

  it('keeps to allowed.paths and allowlist.pattern', () => {
    const restricted = {
      'config.providers.env.param.allowlist.pattern': 'HO.*',
      'config.providers.file.param.allowed.paths': `${directory}/sub`
    }
    expect(resolve('${env:HOST}', restricted).value).toBe('a')
    expect(resolve('${env:SECRET}', restricted).value).toBe('${env:SECRET}')
    const outside = `\${file:${directory}/sub/../secrets.properties:user}`
    expect(resolve(outside, restricted).value).toBe(outside)
    const outOfDirectory = `\${dir:${directory}/sub:../token}`
    expect(resolve(outOfDirectory).value).toBe(outOfDirectory)
  })

  it('refuses a provider class that it does not have', () => {
    const { findings } = resolve('x', { 'config.providers.env.class': 'com.example.Vault' })
    expect(findings.problems).toEqual([
      expect.objectContaining({ key: 'config.providers.env.class', value: 'com.example.Vault' })
    ])
  })

  describe('of ES modules', () => {
    async function resolveWith(settings: Record<string, string>, value = '${mine:a:b}'): Promise<string[]> {
      const properties = new Map(Object.entries({ 'config.providers': 'mine', ...settings, key: value }))
      const loaded = await loadConfigProviders(properties, new PluginLoader(directory))
      const findings = new Findings()
      const providers = ConfigProviders.declaredIn(traced(properties), {}, findings, loaded)
      const resolved = providers.resolve(traced(properties), findings).get('key')?.value ?? ''
      return [resolved, ...findings.problems.map(({ key, expected }) => `${key}: ${expected}`)]
    }
    const vault = { 'config.providers.mine.class': './vault.mjs#Vault', 'config.providers.mine.param.mount': 'm' }

    it('makes a class with its parameters and asks it with path and key', async () => {
      expect(await resolveWith(vault)).toEqual(['m/a/b'])
      expect(await resolveWith(vault, '<${mine:b}>')).toEqual(['<m//b>'])
      expect(await resolveWith(vault, '${mine:absent}')).toEqual(['${mine:absent}'])
    })

    it('reports what cannot be loaded, made or waited for at the key that names it', async () => {
      const cases: readonly [settings: Record<string, string>, problem: string][] = [
        [
          { 'config.providers.mine.class': './nowhere.mjs#X' },
          'mine.class: a config provider: a class with the method'
        ],
        [{ 'config.providers.mine.class': './vault.mjs#Deaf' }, 'found class Deaf without the method get'],
        [{ ...vault, 'config.providers.mine.param.mount': 'none' }, 'mine.class: usable parameters: no such mount'],
        [
          { 'config.providers.mine.class': './vault.mjs#Promising' },
          'key: a value that config provider mine can read: '
        ]
      ]
      for (const [settings, problem] of cases) {
        const [value, ...problems] = await resolveWith(settings)
        expect(value).toBe('${mine:a:b}')
        expect(problems).toEqual([expect.stringContaining(problem)])
      }
    })

    it('says nothing of a class that no provider declares', async () => {
      const other = { ...vault, 'config.providers.other.class': './nowhere.mjs#X' }
      expect(await resolveWith(other)).toEqual(['m/a/b'])
    })
  })
})
