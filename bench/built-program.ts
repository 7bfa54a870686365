/**
 * The program as a package holds it, built in a place of its own: `dist` may be built anew by somebody else while the
 * bench runs. Below node_modules, so that the dependencies are found.
 */
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bundle } from '../dev/build.ts'

const root = new URL('../', import.meta.url)
const place = new URL('node_modules/.cache/connect-mirror-maker-bench/', root)

export const builtEntry = fileURLToPath(new URL('dist/main.js', place))

export async function buildProgram(): Promise<void> {
  await rm(place, { recursive: true, force: true })
  await mkdir(place, { recursive: true })
  await copyFile(new URL('package.json', root), new URL('package.json', place))
  await bundle(fileURLToPath(new URL('dist', place)))
}
