/**
 * Runs the tests under other releases of Node.js, each from an npm package in a folder of its own outside the work tree:
 *
 *   npm run test:nodes                      Node 22 and 24; unit, compat and integration tests
 *   npm run test:nodes -- --only 22         one of them
 *   npm run test:nodes -- --project unit    some of the tests; may be repeated
 *
 * The npm package `node` fetches its binary in an install script, which npm 11 does not run; so the package that the
 * script would fetch, the one with the binary for this platform, is installed at once.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = process.env.NODE_CACHE ?? join(homedir(), '.cache', 'connect-mirror-maker')

const { values } = parseArgs({
  options: { only: { type: 'string' }, project: { type: 'string', multiple: true } }
})
const releases = values.only === undefined ? ['22', '24'] : [values.only]
const projects = values.project ?? ['unit', 'compat', 'integration']

/** @returns the folder of the newest Node.js of that major release */
function install(release) {
  const folder = join(cache, `node-${release}`)
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64'
  const name = `${isAppleSilicon ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`
  const bin = join(folder, 'node_modules', name, 'bin')
  if (existsSync(join(bin, 'node'))) return bin
  mkdirSync(folder, { recursive: true })
  // Without one, npm would look for a package in the folders above.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  console.log(`Installing ${name}@${release} in ${folder}`)
  const { status } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefix', folder, `${name}@${release}`],
    {
      cwd: folder,
      stdio: 'inherit'
    }
  )
  if (status !== 0 || !existsSync(join(bin, 'node'))) throw new Error(`cannot install ${name}@${release}`)
  return bin
}

function test(release) {
  const bin = install(release)
  const node = join(bin, 'node')
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  console.log(`\n== ${projects.join(', ')} under Node.js ${version}`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(node, [vitest, 'run', ...projects.flatMap((project) => ['--project', project])], {
    cwd: root,
    stdio: 'inherit',
    // What tests start as `node` is this release too.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
  })
  return { version, isOk: status === 0 }
}

const results = releases.map(test)
console.log(`\n${results.map(({ version, isOk }) => `${isOk ? 'ok    ' : 'FAILED'} Node.js ${version}`).join('\n')}`)
process.exitCode = results.every(({ isOk }) => isOk) ? 0 : 1
