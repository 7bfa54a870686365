import { expect, test } from 'vitest'
import { ConfigProviders } from '../../../../src/config/config-providers.ts'
import { Findings } from '../../../../src/config/findings.ts'
import { traced } from '../../../../src/config/traced-properties.ts'
import { resolveConfig } from '../../../../src/connect/worker/resolve-config.ts'

const javaPackage = 'org.apache.kafka.common.config.provider'
const environment: Record<string, string> = { A: '1' }
const providers = ConfigProviders.declaredIn(
  traced([
    ['config.providers', 'env,file'],
    ['config.providers.env.class', `${javaPackage}.EnvVarConfigProvider`],
    ['config.providers.file.class', `${javaPackage}.FileConfigProvider`]
  ]),
  environment,
  new Findings()
)

test('placeholders are looked up at each call; what nobody knows, nulls and key order stay', () => {
  const config = { z: '${env:A}-${env:A}', none: null, a: '${other:x}${env:B}', '${env:A}': 'k' }
  const resolved = resolveConfig(config, providers)
  expect(Object.entries(resolved)).toEqual([
    ['z', '1-1'],
    ['none', null],
    ['a', '${other:x}${env:B}'],
    ['${env:A}', 'k']
  ])
  environment['A'] = '2'
  expect(resolveConfig(config, providers)['z']).toBe('2-2')
})

test('a provider that fails is an error that names the key and shows the placeholder only', () => {
  expect(() => resolveConfig({ user: '${file:/does/not/exist:u}' }, providers)).toThrow(/^user = \$\{file:/)
})
