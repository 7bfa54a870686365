/**
 * `npm run build`: what a package holds, in `dist/`. The sources become a few files, since Node takes 0.3 s to find and
 * load five hundred small ones, a third of a start; what `mm2`, the command and the library share stays shared. Types are
 * emitted a file a source.
 */
import { spawnSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Without types. */
export async function bundle(outDir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['main', 'mm2', 'index', 'service'].map((name) => `src/${name}.ts`),
    outdir: outDir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    // Dependencies stay where npm puts them.
    packages: 'external',
    // Names of classes are told in messages and logs.
    keepNames: true,
    sourcemap: true,
    logLevel: 'warning'
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
