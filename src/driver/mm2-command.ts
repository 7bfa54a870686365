import { systemClock } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger, silentLogger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import { type Environment } from '../config/config-providers.ts'
import { type MirrorClientSettings } from '../mirror-client/mirror-client-config.ts'
import { MirroredCluster } from '../mirror-client/mirrored-cluster.ts'
import { TargetCluster } from '../mirror-client/target-cluster.ts'
import { openConnection } from '../net/open-connection.ts'
import { type PrintCommand, type TranslateCommand } from './mm2-command-line.ts'
import { RecordPrinter } from './mm2-printing.ts'
import { readRouteView, type RouteView } from './mm2-route.ts'
import { translateGroup, translationLines } from './mm2-translation.ts'

export interface Mm2Context {
  readonly env: Environment
  /** A line of what was asked for. */
  readonly print: (line: string) => void
  /** A line about something that is wrong. */
  readonly complain: (line: string) => void
  /** Nobody wants more: a followed topic ends well, and what else is under way with MIRROR_CLOSED. */
  readonly signal: AbortSignal
}

/** How long a cluster may take to say whether there is such a topic, and a group's positions to be read. */
const timeoutMs = 30_000

/**
 * Runs the command to its end; a followed topic ends by the signal.
 * @throws MirrorError: of the arguments and the file MIRROR_CONFIG_UNREADABLE, MIRROR_CONFIG_INVALID, MIRROR_PLUGIN; others of a cluster
 */
export async function runMm2Command(command: PrintCommand | TranslateCommand, context: Mm2Context): Promise<void> {
  const logger = complainingLogger(context.complain)
  const view = await readRouteView({ ...command, env: context.env, logger })
  const { settings, alias, topic } = placeOf(command.command, view)
  const services = { openConnection, clock: systemClock, random: systemRandom, logger }
  const cluster = new TargetCluster(settings, { alias, ...services })
  context.signal.addEventListener('abort', () => void cluster.close(), { once: true })
  try {
    if (command.command === 'translate') {
      const mirrored = new MirroredCluster({ cluster, policy: view.policy, logger })
      const rows = await translateGroup(command, { cluster, mirrored, timeoutMs })
      if (rows.length === 0) throw noCheckpoints(command, topic)
      for (const line of translationLines(rows, command.json)) context.print(line)
      return
    }
    if (!(await cluster.hasTopic(topic, cluster.deadlineIn(timeoutMs)))) throw missingTopic(alias, topic, command)
    await printTopic(cluster, topic, command, context)
  } finally {
    await cluster.close()
  }
}

interface Place {
  readonly alias: string
  readonly settings: MirrorClientSettings
  readonly topic: string
}

/** Where a route keeps what is asked for. */
function placeOf(command: (PrintCommand | TranslateCommand)['command'], view: RouteView): Place {
  const { source, target, policy } = view
  const onTarget = { alias: target, settings: view.targetClient }
  if (command === 'heartbeats') return { ...onTarget, topic: policy.heartbeatsTopic() }
  if (command !== 'offset-syncs') return { ...onTarget, topic: policy.checkpointsTopic(source) }
  return view.offsetSyncsLocation === 'target'
    ? { ...onTarget, topic: policy.offsetSyncsTopic(source) }
    : { alias: source, settings: view.sourceClient, topic: policy.offsetSyncsTopic(target) }
}

async function printTopic(
  cluster: TargetCluster,
  topic: string,
  command: PrintCommand,
  context: Mm2Context
): Promise<void> {
  const printer = new RecordPrinter({ ...command, ...context })
  const take = printer.take.bind(printer)
  if (!command.follow) {
    await cluster.readToEnd(topic, take, Infinity)
    printer.caughtUp()
    return
  }
  const { signal } = context
  await cluster.follow(topic, take, signal)
  printer.caughtUp()
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true }
    )
  })
}

function missingTopic(alias: string, topic: string, { command, route }: PrintCommand): MirrorError {
  const message = `${alias} has no topic ${topic}: the route ${route.source}->${route.target} has written no ${command} there`
  return new MirrorError('MIRROR_INTERNAL_TOPIC', message)
}

function noCheckpoints({ group, route }: TranslateCommand, topic: string): MirrorError {
  const message = `Group ${group} has no checkpoints in ${topic} of ${route.target}: it has committed nothing in ${route.source}, or is not among the route's groups`
  return new MirrorError('MIRROR_NO_CHECKPOINTS', message)
}

/** Of what goes on inside only warnings and errors are of interest, as lines for people. */
function complainingLogger(complain: (line: string) => void): Logger {
  const say = (_fields: object, message: string): void => {
    complain(message)
  }
  const logger: Logger = { ...silentLogger, warn: say, error: say, child: () => logger }
  return logger
}
