import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadMirrorMakerConfig } from '../../../src/driver/mirror-maker-config.ts'

const clusters = ['clusters = A, B', 'A.bootstrap.servers = a:9092', 'A->B.enabled = true']

test('the modules that the file names for the process are loaded, and what is wrong is told all at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'providers-'))
  try {
    writeFileSync(join(folder, 'ports.mjs'), 'export class Ports { get(path, key) { return `${key}92` } }')
    const path = join(folder, 'mm2.properties')
    const file = (reference: string, more: readonly string[] = []): void => {
      const providers = ['config.providers = ports', `config.providers.ports.class = ${reference}`]
      writeFileSync(path, [...clusters, 'B.bootstrap.servers = b:${ports:90}', ...providers, ...more].join('\n'))
    }
    file('./ports.mjs#Ports')
    const { routes } = await loadMirrorMakerConfig({ path, clusters: [], env: {} })
    expect(routes[0]?.workerProperties.get('bootstrap.servers')).toBe('b:9092')
    file('./nowhere.mjs#Ports', ['tasks.max = 0', 'rest.api.extensions = ./ports.mjs#Ports'])
    await expect(loadMirrorMakerConfig({ path, clusters: [], env: {} })).rejects.toMatchObject({
      problems: expect.arrayContaining([
        expect.objectContaining({ key: 'config.providers.ports.class' }),
        expect.objectContaining({ key: 'rest.api.extensions', value: './ports.mjs#Ports' }),
        expect.objectContaining({ key: 'tasks.max' })
      ]) as unknown
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
