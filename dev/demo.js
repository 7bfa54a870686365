/**
 * `npm run demo`: the part that works before anything is installed. Installs and builds what is missing, then runs
 * demo/main.ts and passes one signal on to it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const inRoot = (...names) => join(root, ...names)

/** @returns whether `version` (20.20.2) is at least the version of package.json's `engines.node` (>=20.20.0) */
function isNewEnough(version, wanted) {
  const have = version.split('.').map(Number)
  const want = wanted.replace(/^\D*/, '').split('.').map(Number)
  const differing = want.findIndex((number, index) => number !== have[index])
  return differing === -1 || have[differing] > want[differing]
}

/** Writes to standard error what npm says, so that the demo's own output stays clean. */
function npm(what, ...args) {
  console.error(`${what}: npm ${args.join(' ')}`)
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(`npm ${args.join(' ')} failed; the demo cannot run without it`)
    process.exit(1)
  }
}

function newest(dir) {
  const files = readdirSync(dir, { recursive: true }).map((name) => statSync(join(dir, name)).mtimeMs)
  return Math.max(...files)
}

function isBuilt() {
  const built = inRoot('dist', 'main.js')
  return existsSync(built) && statSync(built).mtimeMs >= newest(inRoot('src'))
}

/**
 * Ctrl-C in a terminal reaches this process twice: from the terminal, and passed on by npm. The demo runs in a group of
 * its own and gets it once. A second Ctrl-C, when the first was long ago, ends it at once; what it started then
 * ends by itself, as it does when this process is killed.
 */
function passSignalsOnce(child) {
  const impatientAfterMs = 2_000
  let firstAt
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = Date.now()
        child.kill(signal)
      } else if (Date.now() - firstAt > impatientAfterMs) {
        child.kill('SIGKILL')
      }
    })
  }
}

/** `kill` of npm ends the shell between npm and this process, and nobody tells it. */
function stopWithParent(child) {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 1_000).unref()
}

const { engines } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
if (!isNewEnough(process.versions.node, engines.node)) {
  console.error(`Node.js ${engines.node} is needed, this is ${process.versions.node}`)
  process.exit(1)
}
if (!existsSync(inRoot('node_modules', '.package-lock.json'))) npm('Installing', 'ci')
if (!isBuilt()) npm('Building', 'run', '--silent', 'build')

// The channel tells the demo when this process is gone, however it went.
const demo = spawn(process.execPath, ['--import', 'tsx', inRoot('dev', 'demo', 'main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  detached: true,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc']
})
passSignalsOnce(demo)
stopWithParent(demo)
demo.on('exit', (code) => {
  process.exitCode = code ?? 1
})
