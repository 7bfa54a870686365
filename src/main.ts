#!/usr/bin/env node
import { asError, MirrorError } from './base/errors.ts'
import { createLogger } from './base/create-logger.ts'
import { type Logger } from './base/logger.ts'
import { program } from './base/program.ts'
import { logLevels } from './base/logger-levels.ts'
import { parseCommandLine, usage } from './driver/command-line.ts'
import { createMirrorMaker } from './driver/create-mirror-maker.ts'
import { type MirrorMaker } from './driver/mirror-maker.ts'

const exitCodes = { stopped: 0, failedLater: 1, badInput: 2, startFailed: 3 } as const

/** A broker that hangs must not keep the process: what is not stored by then repeats after the next start. */
const shortestStopLimitMs = 30_000
/** For what comes after the tasks: statuses, leaving the groups, closing connections. */
const stopGraceMs = 10_000

async function main(): Promise<void> {
  const line = parseCommandLine(process.argv.slice(2))
  if (line.command === 'help') {
    process.stdout.write(usage)
    return
  }
  if (line.command === 'version') {
    process.stdout.write(`${program.version}\n`)
    return
  }
  const logger = createLogger(logLevel())
  process.on('uncaughtException', (error) => {
    logger.error(
      { err: error },
      'Fatal: this is a defect of the program; what was not stored repeats after the next start'
    )
    exit(exitCodes.failedLater)
  })
  const mirrorMaker = await createMirrorMaker({ ...line, env: process.env, logger, logLevels: logger.levels })
  stopOnSignals(mirrorMaker, logger)
  void mirrorMaker.failed.then((error) => {
    logger.error({ err: error }, `Fatal: ${error.message}; stopping all routes`)
    stopWithin(mirrorMaker, logger, exitCodes.failedLater)
  })
  try {
    await mirrorMaker.start()
  } catch (thrown) {
    const error = asError(thrown)
    logger.error({ err: error }, `Start failed: ${error.message}`)
    const isBadInput = error instanceof MirrorError && error.code === 'MIRROR_CONFIG_INVALID'
    exit(isBadInput ? exitCodes.badInput : exitCodes.startFailed)
  }
}

/** From here on only a signal ends the process, also where no route is enabled. */
function stopOnSignals(mirrorMaker: MirrorMaker, logger: Logger): void {
  setInterval(() => undefined, 0x7fffffff)
  const stop = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, 'Stopping: draining what was fetched and storing positions')
    stopWithin(mirrorMaker, logger, exitCodes.stopped)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function stopWithin(mirrorMaker: MirrorMaker, logger: Logger, exitCode: number): void {
  // Who lets tasks drain for long is not to be cut short.
  const stopLimitMs = Math.max(shortestStopLimitMs, mirrorMaker.longestStopMs + stopGraceMs)
  setTimeout(() => {
    logger.error({}, 'Stopping took too long; what was not stored repeats after the next start')
    exit(exitCodes.failedLater)
  }, stopLimitMs).unref()
  void mirrorMaker.stop().then(() => {
    logger.info({}, 'Stopped')
    exit(exitCode)
  })
}

function logLevel(): (typeof logLevels)[number] {
  const wanted = process.env['MIRROR_LOG_LEVEL'] ?? 'info'
  const level = logLevels.find((name) => name === wanted)
  if (level !== undefined) return level
  throw new MirrorError('MIRROR_USAGE', `MIRROR_LOG_LEVEL = ${wanted}: expected one of ${logLevels.join(', ')}`)
}

/** Timers and sockets of clients that nobody waits for any more must not hold the process. */
function exit(code: number): void {
  // eslint-disable-next-line n/no-process-exit -- the one place where the process ends
  process.exit(code)
}

main().catch((thrown: unknown) => {
  const error = asError(thrown)
  const isOurs = error instanceof MirrorError
  process.stderr.write(`${isOurs ? error.message : (error.stack ?? error.message)}\n`)
  if (isOurs && error.code === 'MIRROR_USAGE') process.stderr.write(`\n${usage}`)
  exit(exitCodes.badInput)
})
