import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Findings } from '../../../src/config/findings.ts'
import { parseIniFile } from '../../../src/config/ini-file.ts'
import { parsePropertiesFile } from '../../../src/config/properties-file.ts'
import { resolveMirrorMakerConfig } from '../../../src/driver/mirror-maker-config.ts'

const readme = readFileSync('README.md', 'utf8')
const examples = [...readme.matchAll(/^```(properties|ini)\n(.*?)^```/gms)].map(([, kind = '', text = '']) => ({
  kind,
  bytes: Buffer.from(text)
}))

test('the README has examples of both dialects', () => {
  expect(new Set(examples.map(({ kind }) => kind))).toEqual(new Set(['properties', 'ini']))
})

test.each(examples)('the $kind example $# is obeyed whole, without a warning', ({ kind, bytes }) => {
  const findings = new Findings()
  const properties = kind === 'ini' ? parseIniFile(bytes) : parsePropertiesFile(bytes, findings)
  const config = resolveMirrorMakerConfig(properties, { clusters: [], env: { A_PASSWORD: 'secret' } }, findings)
  expect(config.warnings).toEqual([])
  expect(config.routes.filter(({ enabled }) => enabled).length).toBeGreaterThan(0)
})
