import { parseArgs } from 'node:util'
import { asError, MirrorError } from '../base/errors.ts'

export const printedTopics = ['checkpoints', 'heartbeats', 'offset-syncs'] as const
export type PrintedTopic = (typeof printedTopics)[number]

export interface Route {
  readonly source: string
  readonly target: string
}

export interface PrintCommand {
  readonly command: PrintedTopic
  readonly path: string
  readonly route: Route
  readonly json: boolean
  readonly fromBeginning: boolean
  readonly follow: boolean
  /** Only records of this group, or topic. */
  readonly group: string | undefined
  readonly topic: string | undefined
}

export interface TranslateCommand {
  readonly command: 'translate'
  readonly path: string
  readonly route: Route
  readonly json: boolean
  readonly group: string
}

export type Mm2Command =
  { readonly command: 'help' } | { readonly command: 'version' } | PrintCommand | TranslateCommand

export const mm2Usage = `usage: mm2 checkpoints|heartbeats|offset-syncs FILE --route 'A->B' [options]
       mm2 translate FILE --route 'A->B' --group GROUP [--json]

Looks into what MirrorMaker keeps about a route. FILE is its configuration (mm2.properties), which says how to reach the clusters.

  checkpoints     where consumer groups of A go on in B, as recorded in B
  heartbeats      what proves that B is reached, as recorded in B
  offset-syncs    samples of which offset of A is which in B, recorded in A or B (offset-syncs.topic.location)
  translate       where a group of A goes on in B, partition by partition, and how many records it would read again

  --route 'A->B'    the route; quote it, since > means something to a shell
  --from-beginning  every record that the topic holds; without it, the newest of each key
  --follow          print what is written from now on (with --from-beginning: after all that is there), until SIGINT
  --group GROUP     only checkpoints of this group
  --topic TOPIC     only checkpoints or offset syncs of this topic, by its name in B or A
  --json            one JSON object a line
  -h, --help        print this text
  --version         print the version

Exit codes: 0 done, 1 failed while following, 2 wrong arguments or configuration, 3 the cluster could not answer.
`

const options = {
  route: { type: 'string' },
  group: { type: 'string' },
  topic: { type: 'string' },
  'from-beginning': { type: 'boolean', default: false },
  follow: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false }
} as const

type Values = ReturnType<typeof parseWords>['values']

/** Options that each command has beside --route and --json. */
const optionsOf: Readonly<Record<PrintedTopic | 'translate', readonly (keyof Values)[]>> = {
  checkpoints: ['group', 'topic', 'from-beginning', 'follow'],
  heartbeats: ['from-beginning', 'follow'],
  'offset-syncs': ['topic', 'from-beginning', 'follow'],
  translate: ['group']
}

/** @throws MirrorError MIRROR_USAGE */
export function parseMm2CommandLine(words: readonly string[]): Mm2Command {
  const { values, positionals } = parseWords(words)
  const [command, path, extra] = positionals
  if (values.help || command === 'help') return { command: 'help' }
  if (values.version) return { command: 'version' }
  if (!isCommand(command)) throw usage(`a command is expected: ${Object.keys(optionsOf).join(', ')}`)
  if (path === undefined) throw usage('the configuration file is missing')
  if (extra !== undefined) throw usage(`one configuration file is expected, ${extra} is too much`)
  for (const option of ['group', 'topic', 'from-beginning', 'follow'] as const) {
    const isGiven = values[option] !== undefined && values[option] !== false
    if (isGiven && !optionsOf[command].includes(option)) throw usage(`--${option} is not for ${command}`)
  }
  const { group, topic, json, follow } = values
  const common = { path, route: routeOf(values.route), json }
  if (command !== 'translate') {
    return { command, ...common, fromBeginning: values['from-beginning'], follow, group, topic }
  }
  if (group === undefined) throw usage('translate needs --group')
  return { command, ...common, group }
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (thrown) {
    throw usage(asError(thrown).message)
  }
}

function routeOf(text: string | undefined): Route {
  const [source, target, ...rest] = text?.split('->') ?? []
  if (source === undefined || target === undefined || rest.length > 0 || source === '' || target === '') {
    throw usage(`--route is expected to be two aliases, such as 'A->B'${text === undefined ? '' : `, not ${text}`}`)
  }
  return { source, target }
}

function isCommand(word: string | undefined): word is keyof typeof optionsOf {
  return word !== undefined && Object.hasOwn(optionsOf, word)
}

function usage(message: string): MirrorError {
  return new MirrorError('MIRROR_USAGE', message)
}
