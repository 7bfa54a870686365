import { fastify, type FastifyInstance, type InjectOptions } from 'fastify'
import { silentLogger, type Logger } from '../../src/base/logger.ts'
import { type Herder } from '../../src/connect/herder/herder.ts'
import { RequestError } from '../../src/connect/herder/request-error.ts'
import { type CorsPolicy } from '../../src/rest/cors.ts'
import { type PeerAnswer, type PeerClient, type PeerRequest } from '../../src/rest/peer-client.ts'
import { publicResources } from '../../src/rest/public-resources.ts'
import { internalResource } from '../../src/rest/resources/internal.ts'
import { type HeaderRule } from '../../src/rest/response-headers.ts'
import { createRestApp, type Served } from '../../src/rest/rest-app.ts'
import { type LoggerLevel, type RestServices } from '../../src/rest/rest-services.ts'
import { RouteTable } from '../../src/rest/route-table.ts'
import { ManualClock } from './manual-clock.ts'
import { scriptedHerder } from './scripted-herder.ts'

interface Settings {
  readonly herder?: Partial<Herder>
  readonly peers?: PeerClient
  readonly cors?: CorsPolicy
  readonly headerRules?: readonly HeaderRule[]
  readonly logger?: Logger
  readonly fileManaged?: readonly string[]
  readonly stoppedPartitions?: readonly string[]
}

export interface RestUnderTest {
  /** The public listener's application, and the internal one's: both serve route `A` to `B c`. */
  readonly api: FastifyInstance
  readonly internal: FastifyInstance
  readonly clock: ManualClock
  readonly services: RestServices
  /** What the herder was asked to do. */
  readonly calls: unknown[]
}

/** Both applications on one scripted herder, without sockets. */
export function restUnderTest(settings: Settings = {}): RestUnderTest {
  const { herder, calls } = scriptedHerder(settings.herder)
  const clock = new ManualClock()
  const services: RestServices = {
    loggerLevels: scriptedLoggers(),
    metrics: { contentType: 'text/plain; version=0.0.4', scrape: () => 'up 1\n' },
    peers: settings.peers ?? { send: () => Promise.reject(new Error('no peer is expected to be asked')) },
    isSecret: (key) => /password|jaas/.test(key),
    version: '4.3.1',
    commit: 'c0ffee',
    clock,
    logger: settings.logger ?? silentLogger
  }
  const routes = new RouteTable()
  routes.add({
    source: 'A',
    target: 'B c',
    herder,
    validation: {
      validate: (config) => Promise.resolve({ name: config['connector.class'] ?? null, error_count: 0 }),
      definitions: (plugin) =>
        plugin === 'SourceConnector'
          ? Promise.resolve([{ name: 'tasks.max' }])
          : Promise.reject(new RequestError('notFound', `Unknown plugin ${plugin}`))
    },
    isFileManaged: (connector) => settings.fileManaged?.includes(connector) ?? false,
    stoppedPartitions: () => settings.stoppedPartitions ?? []
  })
  const shown = publicResources(services, () => routes.all())
  const app = (resources: readonly Served[]): FastifyInstance =>
    createRestApp({ resources, routes, services, cors: settings.cors, headerRules: settings.headerRules ?? [] })
  return {
    api: app(shown.map((resource): Served => ({ resource, access: 'public' }))),
    internal: app([
      { resource: internalResource(), access: 'workers' },
      ...shown.filter(({ isOfRoute }) => isOfRoute).map((resource): Served => ({ resource, access: 'forwarded' }))
    ]),
    clock,
    services,
    calls
  }
}

function scriptedLoggers(): RestServices['loggerLevels'] {
  const levels = new Map<string, LoggerLevel>([['root', { level: 'INFO', lastModified: null }]])
  return {
    all: () => levels,
    set: (logger) => [logger]
  }
}

/** Another worker: answers what it is told, and keeps what it was asked. */
export function scriptedPeer(
  status: number,
  body: string,
  headers: Record<string, string> = {}
): {
  peers: PeerClient
  asked: PeerRequest[]
} {
  const asked: PeerRequest[] = []
  const answer: PeerAnswer = { status, header: (name) => headers[name], body: Buffer.from(body) }
  const send = (request: PeerRequest): Promise<PeerAnswer> => {
    asked.push(request)
    return Promise.resolve(answer)
  }
  return { peers: { send }, asked }
}

/** A request as `inject` takes it, from `PUT @/connectors`; `@` stands for the route. */
export function request(ask: string, body?: string | Buffer, headers: Record<string, string> = {}): InjectOptions {
  const method = methods.find((each) => ask.startsWith(`${each} `))
  if (method === undefined) throw new Error(`No method in ${ask}`)
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  return {
    method,
    url: ask.slice(method.length + 1).replace('@', '/A/B%20c'),
    headers: { ...type, ...headers },
    ...(body === undefined ? {} : { payload: body })
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const

export interface SchemaCheck {
  readonly name: string
  readonly schema: object
  readonly value: unknown
}

/** Names of the checks whose value is not what the schema says, and why; the validator is the framework's own. */
export async function schemaErrors(components: object, checks: readonly SchemaCheck[]): Promise<unknown> {
  const customOptions = { coerceTypes: false, removeAdditional: false, strict: false } as const
  const app = fastify({ ajv: { customOptions } })
  app.get('/', (asked) =>
    checks.flatMap(({ name, schema, value }) => {
      const validate = asked.compileValidationSchema({ ...schema, components })
      return validate(value) ? [] : [{ name, errors: validate.errors }]
    })
  )
  return (await app.inject('/')).json()
}
