/**
 * Everything that must hold before a change lands, in the order of what fails fastest. Plain JavaScript, since it runs
 * in a fresh clone and installs what is missing first.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const reports = mkdtempSync(join(tmpdir(), 'connect-mirror-maker-check-'))

const vitest = (...projects) => [
  'npx',
  ['vitest', 'run', ...projects.flatMap((name) => ['--project', name]), '--reporter=default', '--reporter=json'].concat(
    `--outputFile.json=${join(reports, `${projects.join('-')}.json`)}`
  )
]

const steps = [
  ['types', ...npm('typecheck')],
  ['lint', ...npm('lint')],
  ['layers', ...npm('check:layers')],
  ['unused', ...npm('check:unused')],
  ['package', ...npm('check:package')],
  ['unit tests', ...vitest('unit', 'compat')],
  ['integration tests', ...vitest('integration')],
  ['end-to-end tests', ...vitest('e2e')],
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

/** How many tests passed in the steps that ran, and what failed: tests, and files that did not come as far as a test. */
function readReports() {
  const files = readdirSync(reports).flatMap(
    (name) => JSON.parse(readFileSync(join(reports, name), 'utf8')).testResults
  )
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const failed = files.flatMap(({ name, status, message = '', assertionResults }) => {
    const file = relative(root, name)
    const inTests = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName, failureMessages }) => ({ name: `${file}: ${fullName}`, why: failureMessages.join('\n') }))
    return status === 'failed' && inTests.length === 0 ? [{ name: file, why: message }] : inTests
  })
  return { passed: tests.filter(({ status }) => status === 'passed').length, failed }
}

const results = []
if (!existsSync(join(root, 'node_modules', '.package-lock.json'))) results.push(run('install', 'npm', ['ci']))
if (results.every(({ isOk }) => isOk)) for (const step of steps) results.push(run(...step))

const { passed, failed } = readReports()
const failedSteps = results.filter(({ isOk }) => !isOk)
rmSync(reports, { recursive: true, force: true })
console.log(
  `\n${results.map(({ name, isOk, seconds }) => `${isOk ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`).join('\n')}\n`
)
console.log(`${passed} passed, ${failed.length} failed; of ${results.length} steps ${failedSteps.length} failed`)
// Last, and short: whoever is shown no more than the end of the output must see what failed.
for (const { name, why } of failed.slice(0, 5)) {
  const lines = why.split('\n').filter((line) => !line.includes('node_modules'))
  console.log(`FAILED ${name}\n${lines.slice(0, 6).join('\n').slice(0, 1000)}`)
}
process.exitCode = failedSteps.length === 0 ? 0 : 1
