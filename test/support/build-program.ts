/** Global set-up of the projects that run the program as users do: from `dist/`, built once. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export default function buildProgram(): void {
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit'
  })
}
