/** The demo behind `npm run demo`; dev/demo.js has installed and built what it needs. */
import { LocalKafkaError } from '../local-kafka/local-kafka-error.ts'
import { parseArguments, usage } from './arguments.ts'
import { CleanUp } from './clean-up.ts'
import { openClusters } from './cluster-pair.ts'
import { runLive } from './run-live.ts'
import { runOnce } from './run-once.ts'
import { Stopped, stopOnSignals, unlessStopped } from './stopping.ts'

/** Of `--once`, after the download: four times what a quiet machine needs. */
const longestOnceMs = 180_000

const alternatives = `Alternatives: set KAFKA_HOME to an Apache Kafka release (needs Java), or mirror between clusters that run already:
  npm run demo -- --source HOST:PORT --target HOST:PORT`

const onceAlternatives = `--once compares through Apache Kafka's Java clients: set KAFKA_HOME to a release (needs Java).
Without --once the demo runs between clusters that run already, without Java:
  npm run demo -- --source HOST:PORT --target HOST:PORT`

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<number> {
  const line = parseArguments(process.argv.slice(2))
  if (line.command === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if (line.command === 'wrong') {
    process.stderr.write(`${line.problem}\n\n${usage}`)
    return 2
  }
  const stop = new AbortController()
  stopOnSignals(stop)
  const cleanUp = new CleanUp(print)
  let exitCode: number
  try {
    const pair = await openClusters({ addresses: line.addresses, cleanUp, signal: stop.signal, print })
    const options = { pair, cleanUp, signal: stop.signal, print }
    exitCode = line.once ? await boundedOnce(options, stop) : await runLive(options)
  } catch (error) {
    exitCode = explain(stop.signal.aborted ? stop.signal.reason : error, line.once)
  }
  return (await cleanUp.run()) ? exitCode : 1
}

async function boundedOnce(options: Parameters<typeof runOnce>[0], stop: AbortController): Promise<number> {
  const limit = setTimeout(() => {
    stop.abort(new Stopped(`not everything was mirrored and checked within ${longestOnceMs / 1000} s`, true))
  }, longestOnceMs)
  try {
    return (await unlessStopped(runOnce(options), stop.signal)) ? 0 : 1
  } finally {
    clearTimeout(limit)
  }
}

/** @returns the exit code: an interrupted check has checked nothing */
function explain(error: unknown, once: boolean): number {
  if (error instanceof Stopped && !error.isFailure) {
    print(`\nStopping (${error.message})`)
    return once ? 1 : 0
  }
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  if (error instanceof LocalKafkaError && ['JAVA_MISSING', 'MAVEN_MISSING', 'DOWNLOAD_FAILED'].includes(error.code)) {
    process.stderr.write(`${once ? onceAlternatives : alternatives}\n`)
  }
  return 1
}

/** Timers and sockets of clients that were given up must not hold the process. */
function exit(code: number): void {
  // eslint-disable-next-line n/no-process-exit -- the one place where the demo ends
  process.exit(code)
}

main().then(exit, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  exit(1)
})
