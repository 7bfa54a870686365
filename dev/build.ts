/**
 * `npm run build`: what a package holds, in `dist/`. The sources become a few files, since Node takes 0.3 s, a third of a
 * start, to find and load five hundred small ones; what the commands and the library share stays shared. Types are emitted
 * a file a source.
 */
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = ['main', 'mm2', 'index', 'service']

/** Without types. A bundler that turns the constants of modules into variables would cost a tenth of all speed. */
export async function bundle(outDir: string): Promise<void> {
  await build({
    cwd: root,
    input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
    platform: 'node',
    // Dependencies stay where npm puts them.
    external: (id) => !/^[./]/.test(id),
    output: {
      dir: outDir,
      format: 'esm',
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js'
    }
  })
}

function emitTypes(outDir: string): void {
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit'
  })
  if (status !== 0) throw new Error('The types cannot be emitted')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Aside first: who runs the program from `dist` meanwhile finds the old one or the new one.
  rmSync(`${root}dist.new`, { recursive: true, force: true })
  emitTypes('dist.new')
  await bundle('dist.new')
  rmSync(`${root}dist`, { recursive: true, force: true })
  renameSync(`${root}dist.new`, `${root}dist`)
}
