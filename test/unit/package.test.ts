import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

test('a new runtime dependency is a decision that shows here', () => {
  expect(Object.keys(manifest.dependencies)).toEqual([
    'dot-properties',
    'fastify',
    'ini',
    'kafkajs',
    'light-my-request',
    'node-forge',
    'p-limit',
    'pino',
    'prom-client'
  ])
  expect(Object.keys(manifest.optionalDependencies)).toEqual(['@mongodb-js/zstd', 'lz4-napi', 'snappy'])
})

test('versions are exact', () => {
  const all = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies }
  for (const version of Object.values(all)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})
