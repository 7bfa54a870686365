/**
 * Everything that must hold before a change lands, in the order of what fails fastest. Plain JavaScript, since it runs
 * in a fresh clone and installs what is missing first.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const reports = mkdtempSync(join(tmpdir(), 'connect-mirror-maker-check-'))

const vitest = (project) => [
  'npx',
  ['vitest', 'run', ...project.flatMap((name) => ['--project', name]), '--reporter=default', '--reporter=json'].concat(
    `--outputFile.json=${reportOf(project)}`
  )
]
const reportOf = (project) => join(reports, `${project.join('-')}.json`)

const steps = [
  ['types', ...npm('typecheck')],
  ['lint', ...npm('lint')],
  ['layers', ...npm('check:layers')],
  ['unused', ...npm('check:unused')],
  ['package', ...npm('check:package')],
  ['unit tests', ...vitest(['unit', 'compat'])],
  ['integration tests', ...vitest(['integration'])],
  ['end-to-end tests', ...vitest(['e2e'])],
  ['demo', 'npm', ['run', 'demo', '--', '--once']]
]

function npm(script) {
  return ['npm', ['run', '--silent', script]]
}

function run(name, command, args) {
  console.log(`\n== ${name}: ${command} ${args.filter((arg) => !arg.includes('json')).join(' ')}`)
  const started = Date.now()
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  const result = { name, isOk: status === 0, seconds: Math.round((Date.now() - started) / 1000) }
  console.log(`== ${name}: ${result.isOk ? 'ok' : 'FAILED'} in ${result.seconds} s`)
  return result
}

function countTests() {
  const counts = { passed: 0, failed: 0 }
  for (const project of [['unit', 'compat'], ['integration'], ['e2e']]) {
    if (!existsSync(reportOf(project))) continue
    const report = JSON.parse(readFileSync(reportOf(project), 'utf8'))
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
  }
  return counts
}

const results = []
if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) results.push(run('install', 'npm', ['ci']))
if (results.every(({ isOk }) => isOk)) for (const step of steps) results.push(run(...step))

const failed = results.filter(({ isOk }) => !isOk)
const counts = countTests()
rmSync(reports, { recursive: true, force: true })
console.log(
  `\n${results.map(({ name, isOk, seconds }) => `${isOk ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`).join('\n')}\n`
)
console.log(`${counts.passed} passed, ${counts.failed + failed.length} failed`)
process.exitCode = failed.length === 0 ? 0 : 1
