import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { propertiesText } from '../../dev/local-kafka/server-properties.ts'
import { localMirrors, pairProperties } from '../support/mirror-pair.ts'
import { temporaryDirectories } from '../support/real-cluster.ts'
import { waitUntil } from '../support/wait-until.ts'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const mm2 = fileURLToPath(new URL('../../dist/mm2.js', import.meta.url))
const temporaryDirectory = temporaryDirectories()
const startMirror = localMirrors()
/** Nobody listens on port 1. */
const nowhere = { bootstrapServers: '127.0.0.1:1' }
let directory: string

beforeAll(async () => {
  directory = await temporaryDirectory()
})

interface Ended {
  readonly code: unknown
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command to its end. */
async function run(...args: string[]): Promise<Ended> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

async function file(properties: Readonly<Record<string, string>>): Promise<string> {
  const path = join(directory, `${Math.random()}.properties`)
  await writeFile(path, propertiesText(properties), 'latin1')
  return path
}

describe('the command', () => {
  test('prints its usage and its version to standard output', async () => {
    const help = await run('--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^usage: connect-mirror-maker .*mm2\.properties/)
    const version = await run('--version')
    expect(version).toMatchObject({ code: 0, stderr: '' })
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([
    { what: 'no file', args: [], says: /^the configuration file is missing/ },
    { what: 'two files', args: ['a', 'b'], says: /^one configuration file is expected, b is too much/ },
    { what: 'an unknown argument', args: ['--fast', 'a'], says: /^unknown argument --fast/ }
  ])('ends with 2, a reason and the usage for $what', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr).toContain('usage: connect-mirror-maker')
  })

  test('ends with 2 and one line for a file that is not there', async () => {
    const { code, stderr } = await run('/nowhere/mm2.properties')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^\/nowhere\/mm2\.properties cannot be read: .*\n$/)
  })

  test('ends with 2 and a line for each problem of the configuration, all at once, secrets masked', async () => {
    const path = await file({
      ...pairProperties(nowhere, nowhere),
      'tasks.max': 'many',
      'A->B.refresh.topics.interval.seconds': '1s',
      'B.security.protocol': 'SASL_PLAINTEXT',
      'B.sasl.mechanism': 'PLAIN',
      'B.sasl.jaas.config': 'PlainLoginModule required password="swordfish'
    })
    const { code, stdout, stderr } = await run(path)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const lines = stderr.trimEnd().split('\n').sort()
    expect(lines).toEqual([
      expect.stringMatching(/^A->B\.refresh\.topics\.interval\.seconds = 1s: expected a whole number/),
      expect.stringMatching(/^B\.sasl\.jaas\.config = \[hidden\]: expected /),
      expect.stringMatching(/^tasks\.max = many: expected a whole number/)
    ])
    expect(stderr).not.toMatch(/swordfish|\n\s+at /)
  })

  test('ends with 2 for an alias after --clusters that the file does not have', async () => {
    const path = await file(pairProperties(nowhere, nowhere))
    expect(await run(path, '--clusters', 'B', 'C')).toEqual({
      code: 2,
      stdout: '',
      stderr: '--clusters = C: expected one of A, B\n'
    })
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 at %s, also while no cluster can be reached',
    async (signal) => {
      const mirror = await startMirror(nowhere, nowhere)
      await waitUntil('it has tried', async () =>
        (await mirror.log()).some(({ msg }) => msg.startsWith('No broker of'))
      )
      mirror.signal(signal)
      expect(await mirror.exited).toEqual({ code: 0, signal: null })
      expect((await mirror.log()).at(-1)).toMatchObject({ msg: 'Stopped' })
    }
  )

  test('warns of keys that nobody knows, names the nearest, and goes on', async () => {
    const mirror = await startMirror(nowhere, nowhere, {
      'refresh.topics.interval.second': '5',
      'A->B.topcs': 'orders',
      'C.bootstrap.servers': 'c:9092'
    })
    await waitUntil('it has tried', async () => (await mirror.log()).some(({ msg }) => msg.startsWith('No broker of')))
    const unknown = (await mirror.log()).map(({ msg }) => msg).filter((message) => message.includes('unknown'))
    expect(unknown).toEqual([
      'refresh.topics.interval.second: unknown key; the nearest known one is refresh.topics.interval.seconds',
      'A->B.topcs: unknown key; the nearest known one is A->B.topics',
      'C.bootstrap.servers: unknown: C is not among the clusters (A, B)'
    ])
    expect(mirror.running).toBe(true)
    await mirror.stop()
  })
})

test('mm2 that is interrupted before it is done ends by the signal, as a script expects', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cluster = { bootstrapServers: `127.0.0.1:${address.port}` }
  const path = await file(pairProperties(cluster, cluster))
  const child = spawn(process.execPath, [mm2, 'translate', path, '--route', 'A->B', '--group', 'g'])
  const ended = once(child, 'exit')
  await once(silent, 'connection')
  child.kill('SIGINT')
  expect(await ended).toEqual([null, 'SIGINT'])
  silent.close()
})
