import { MirrorError } from '../base/errors.ts'

export type CommandLine =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'run'; readonly path: string; readonly clusters: readonly string[] }

export const usage = `usage: connect-mirror-maker [-h] [--version] mm2.properties [--clusters CLUSTER ...]

Mirrors Kafka clusters as the properties file says, until it is told to stop (SIGTERM or SIGINT).

  mm2.properties          configuration: MirrorMaker 2 properties, or the same keys in a file that ends in .ini
  --clusters CLUSTER ...  run only the routes whose target is one of these aliases
  -h, --help              print this text
  --version               print the version

Environment: MIRROR_LOG_LEVEL = debug, info, warn, error or silent (default info).
Exit codes: 0 stopped, 1 failed while running, 2 wrong arguments or configuration, 3 start failed.
`

/**
 * As in the reference, `--clusters` takes every word behind it, so the file comes first; `--clusters=A` works too.
 * @throws MirrorError MIRROR_USAGE
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  if (words.some((word) => word === '-h' || word === '--help')) return { command: 'help' }
  if (words.includes('--version')) return { command: 'version' }
  const files: string[] = []
  const clusters: string[] = []
  let isSelected = false
  let takesClusters = false
  for (const word of words) {
    if (word === '--clusters') isSelected = takesClusters = true
    else if (word.startsWith('--clusters=')) {
      isSelected = true
      clusters.push(...word.slice('--clusters='.length).split(','))
    } else if (word.startsWith('-')) throw new MirrorError('MIRROR_USAGE', `unknown argument ${word}`)
    else if (takesClusters) clusters.push(word)
    else files.push(word)
  }
  const [path, extra] = files
  if (path === undefined)
    throw new MirrorError('MIRROR_USAGE', 'the configuration file is missing; it comes before --clusters')
  if (extra !== undefined)
    throw new MirrorError('MIRROR_USAGE', `one configuration file is expected, ${extra} is too much`)
  // An empty shell variable must not turn a selection into all routes.
  const selected = clusters.filter((cluster) => cluster !== '')
  if (isSelected && selected.length === 0) throw new MirrorError('MIRROR_USAGE', '--clusters needs at least one alias')
  return { command: 'run', path, clusters: selected }
}
