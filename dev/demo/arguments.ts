/** The command line of the demo. */
import { parseArgs } from 'node:util'

export const usage = `usage: npm run demo -- [--once] [--source HOST:PORT --target HOST:PORT]

Mirrors one Apache Kafka cluster to another with mm2.properties, and shows what arrives, until Ctrl-C.
Without addresses it starts two clusters of one node each on free ports; that needs Java 17 and Maven, or KAFKA_HOME.
It stops and removes all that it started.

  --once              produce a fixed amount, check that every record arrived identical, and end:
                      exit code 0 when all are, 1 otherwise
  --source HOST:PORT  mirror from this running cluster: topics of the demo's own are created, and removed at the end
  --target HOST:PORT  mirror to this running cluster
  -h, --help          print this text

Environment: KAFKA_HOME is an Apache Kafka release to use instead of one from Maven Central.
`

export type DemoArguments =
  | { readonly command: 'help' }
  | { readonly command: 'wrong'; readonly problem: string }
  | { readonly command: 'run'; readonly once: boolean; readonly addresses: Addresses | undefined }

/** Bootstrap servers of clusters that run already. */
export interface Addresses {
  readonly source: string
  readonly target: string
}

export function parseArguments(words: readonly string[]): DemoArguments {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        once: { type: 'boolean', default: false },
        source: { type: 'string' },
        target: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false }
      }
    })
    if (values.help) return { command: 'help' }
    return withAddresses(values.once, values.source, values.target)
  } catch (error) {
    return { command: 'wrong', problem: error instanceof Error ? error.message : String(error) }
  }
}

function withAddresses(once: boolean, source: string | undefined, target: string | undefined): DemoArguments {
  if (source === undefined && target === undefined) return { command: 'run', once, addresses: undefined }
  if (source === undefined || target === undefined) {
    return { command: 'wrong', problem: '--source and --target go together' }
  }
  const bad = [source, target].find((servers) => !servers.split(',').every(isAddress))
  if (bad !== undefined) return { command: 'wrong', problem: `${bad}: expected HOST:PORT, or several with commas` }
  if (source === target) return { command: 'wrong', problem: '--source and --target are the same cluster' }
  return { command: 'run', once, addresses: { source, target } }
}

function isAddress(text: string): boolean {
  const port = /^\S+:(\d{1,5})$/.exec(text.trim())?.[1]
  return port !== undefined && Number(port) > 0 && Number(port) < 65_536
}
