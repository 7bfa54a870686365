import { RequestError } from '../../connect/herder/request-error.ts'
import { type JsonValue } from '../../connect/storage/jackson-json.ts'
import { type Resource } from '../endpoint.ts'
import { readBody, readStringMap } from '../request-body.ts'
import { type LoggerLevel, type LoggerLevels } from '../rest-services.ts'
import { arrayOf, mapOf, object, ref, string } from '../schemas.ts'

const levels = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL']

/** Levels of the loggers of this process; with `scope=cluster`, of every worker of the route. */
export function adminLoggersResource(loggerLevels: LoggerLevels): Resource {
  return {
    name: 'admin',
    isOfRoute: true,
    endpoints: [
      {
        id: 'listLoggers',
        method: 'GET',
        path: '/admin/loggers',
        schema: {
          summary: 'Loggers of this process and their levels',
          responses: { 200: mapOf(ref('LoggerLevel')) }
        },
        handle: () => {
          const loggers = [...loggerLevels.all()].map(([name, level]) => [name, levelBody(level)] as const)
          return { status: 200, json: Object.fromEntries(loggers) }
        }
      },
      {
        id: 'getLogger',
        method: 'GET',
        path: '/admin/loggers/:logger',
        schema: { summary: 'Level of a logger', responses: { 200: ref('LoggerLevel') } },
        handle: (call) => {
          const name = loggerName(call.param('logger'))
          const level = loggerLevels.all().get(name)
          if (level === undefined) throw new RequestError('notFound', `There is no logger ${name}`)
          return { status: 200, json: levelBody(level) }
        }
      },
      {
        id: 'setLogger',
        method: 'PUT',
        path: '/admin/loggers/:logger',
        schema: {
          summary: 'Sets the level of a logger and those below it; answers the names of those that changed',
          query: { scope: { type: 'string', enum: ['worker', 'cluster'] } },
          body: object({ level: { type: 'string', enum: levels } }),
          responses: { 200: arrayOf(string), 204: null },
          errors: [400]
        },
        handle: async (call) => {
          const { herder } = call.route
          const name = loggerName(call.param('logger'))
          const level = readLevel(call.body)
          if (call.query.get('scope')?.toLowerCase() === 'cluster') {
            await herder.putClusterLoggerLevel(name, level)
            return { status: 204 }
          }
          return { status: 200, json: loggerLevels.set(name, level) }
        }
      }
    ]
  }
}

function loggerName(given: string): string {
  return given.toLowerCase() === 'root' ? 'root' : given
}

function levelBody({ level, lastModified }: LoggerLevel): JsonValue {
  return { level, last_modified: lastModified }
}

function readLevel(body: Buffer | undefined): string {
  const level = readStringMap(readBody(body), 'The body')['level'] ?? null
  if (level === null) throw new RequestError('badRequest', 'The body names no level')
  const upper = level.toUpperCase()
  if (!levels.includes(upper)) throw new RequestError('notFound', `There is no level ${level}: ${levels.join(', ')}`)
  return upper
}
