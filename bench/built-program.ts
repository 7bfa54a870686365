/**
 * The program as a package holds it, compiled to a place of its own: `dist` may be built anew by somebody else while the
 * bench runs. Below node_modules, so that the dependencies are found.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const place = new URL('node_modules/.cache/connect-mirror-maker-bench/', root)

export const builtEntry = fileURLToPath(new URL('dist/main.js', place))

export async function buildProgram(): Promise<void> {
  await rm(place, { recursive: true, force: true })
  await mkdir(place, { recursive: true })
  await copyFile(new URL('package.json', root), new URL('package.json', place))
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root))
  const outDir = fileURLToPath(new URL('dist', place))
  const compiling = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'inherit', 'inherit']
  })
  const [code] = (await once(compiling, 'exit')) as [number | null]
  if (code !== 0) throw new Error('the program does not compile')
}
