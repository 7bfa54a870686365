import { hostname } from 'node:os'
import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { LoggerLevels } from '../base/logger-levels.ts'
import { program } from '../base/program.ts'
import { isSecret } from '../config/findings.ts'
import { type RestExtension } from '../connect/rest-extension.ts'
import { emulatedVersion } from '../mirror/mirror-options.ts'
import { FetchPeerClient, type PeerClient } from '../rest/peer-client.ts'
import { createRestServer, type RestServer } from '../rest/rest-server.ts'
import { type MetricsPage } from '../rest/rest-services.ts'
import { type RestSettings } from '../rest/rest-settings.ts'
import { ProcessLoggerLevels } from './rest-logger-levels.ts'

export interface ProcessRestServices {
  readonly logLevels: LoggerLevels | undefined
  readonly metrics: MetricsPage
  readonly extensions: readonly RestExtension[]
  readonly clock: Clock
  readonly logger: Logger
}

/** The HTTP side of a process: its server, and how its workers reach those of others. */
export interface ProcessRest {
  readonly server: RestServer
  readonly peers: PeerClient
  readonly loggerLevels: ProcessLoggerLevels
}

/** Nothing listens where no listener is configured. */
export function createProcessRest(
  settings: RestSettings,
  { logLevels, metrics, extensions, clock, logger }: ProcessRestServices
): ProcessRest {
  const peers = new FetchPeerClient(clock)
  // Who brings a logger of his own has its levels in his own hands.
  const loggerLevels = new ProcessLoggerLevels(logLevels ?? new LoggerLevels('info'), clock)
  const server = createRestServer({
    settings,
    services: {
      loggerLevels,
      metrics,
      peers,
      isSecret,
      version: emulatedVersion,
      commit: `${program.name}-${program.version}`,
      clock,
      logger
    },
    extensions,
    machineAddress: hostname()
  })
  return { server, peers, loggerLevels }
}
