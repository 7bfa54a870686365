import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const entry = new URL('../../dist/index.js', import.meta.url).href

it('importing the library loads no server, no metrics, no logger and no kafkajs, and opens nothing', async () => {
  const hooks =
    "import { writeSync } from 'node:fs'\n" +
    'export async function load(url, context, next) { writeSync(1, url + "\\n"); return await next(url, context) }'
  const program = `
    import { createRequire, register } from 'node:module'
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})
    const before = process.getActiveResourcesInfo().length
    const startedMs = performance.now()
    await import(${JSON.stringify(entry)})
    const tookMs = performance.now() - startedMs
    console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'))
    console.log('opened', process.getActiveResourcesInfo().length - before)
    console.log('took', Math.round(tookMs))
  `
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program])
  const lines = stdout.trim().split('\n')
  const packages = lines.flatMap((line) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1] ?? [])
  console.log(`importing the library: ${lines.at(-1)} ms`)
  expect(new Set(packages)).toEqual(new Set())
  expect(lines.some((line) => line.endsWith('/dist/mirror-client/mirror-client.js'))).toBe(true)
  expect(lines.filter((line) => /\/dist\/(driver|mirror|rest|metrics|admin|net|config)\//.test(line))).toEqual([])
  expect(lines).toContain('opened 0')
})
