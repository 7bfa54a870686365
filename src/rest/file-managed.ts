import { type Logger } from '../base/logger.ts'
import { type Answer } from './endpoint.ts'
import { type RestRoute } from './rest-services.ts'

// No name in it: a header holds Latin-1 only.
const warning =
  '299 - "The configuration file writes this connector again when leadership is gained: make the change there too"'

/** Says with the answer, and in the log, that a change of a connector which the file describes will not last. */
export function noteFileManaged(route: RestRoute, connector: string, logger: Logger, answer: Answer): Answer {
  if (!route.isFileManaged(connector)) return answer
  logger.warn(
    { route: `${route.source}->${route.target}`, connector },
    'A connector was changed by REST; the configuration file writes it again when leadership is gained'
  )
  return { ...answer, headers: { ...answer.headers, warning } }
}
