import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
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
  const sources = (await Promise.all(lines.filter((line) => /^file:.*\/dist\//.test(line)).map(sourcesOf))).flat()
  expect(sources.some((source) => source.endsWith('/src/mirror-client/mirror-client.ts'))).toBe(true)
  expect(sources.filter((source) => /\/src\/(driver|mirror|rest|metrics|admin|net|config)\//.test(source))).toEqual([])
  expect(lines).toContain('opened 0')
})

/** Of a file in `dist`, by its source map. */
async function sourcesOf(url: string): Promise<string[]> {
  const map = JSON.parse(await readFile(new URL(`${url}.map`), 'utf8')) as { readonly sources: string[] }
  return map.sources
}
