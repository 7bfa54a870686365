import {
  fastify,
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyReply,
  type FastifyRequest
} from 'fastify'
import { Readable } from 'node:stream'
import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { ForwardRequestError } from '../connect/herder/request-error.ts'
import { writeJacksonJson } from '../connect/storage/jackson-json.ts'
import { addCors } from './cors-hook.ts'
import { type CorsPolicy } from './cors.ts'
import { withinDeadline } from './deadline.ts'
import { fullPath, type Answer, type Endpoint, type Resource } from './endpoint.ts'
import { errorAnswer, errorStatus, isRefusal, methodNotAllowed, notFound } from './error-answer.ts'
import { forwardRequest } from './forwarding.ts'
import { PeerError } from './peer-answer.ts'
import { callOf, pathOf, routeOf } from './request-call.ts'
import { type HeaderRule } from './response-headers.ts'
import { forwardServedHeader, forwardSignatureHeader, isForwardSignatureValid } from './request-signature.ts'
import { type RestServices } from './rest-services.ts'
import { type RouteTable } from './route-table.ts'

/** The reference's bound for a request; connections idle as long (versions of Kafka from 4 on). */
const requestTimeoutMs = 90_000
/** Task configs of 100,000 partitions are about 4 MB. */
const largestBodyBytes = 16 * 1024 * 1024
const longestSegment = 4096

/**
 * Who may use the resources of a server: everybody; workers that check each other's signatures themselves; or workers that
 * pass requests of the public API on, which is invisible to everybody else.
 */
type Access = 'public' | 'workers' | 'forwarded'

export interface Served {
  readonly resource: Resource
  readonly access: Access
}

export interface RestAppOptions {
  readonly resources: readonly Served[]
  readonly routes: RouteTable
  readonly services: Pick<RestServices, 'peers' | 'clock' | 'logger'>
  readonly cors: CorsPolicy | undefined
  readonly headerRules: readonly HeaderRule[]
}

/** The HTTP application behind one listener. Answers are JSON in the reference's spelling, errors its two members. */
export function createRestApp(options: RestAppOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: largestBodyBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: requestTimeoutMs,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestSegment },
    // A path that is no path: found out before there is a route.
    frameworkErrors: (error, _request, reply) => {
      void send(reply, errorAnswer(error.statusCode ?? 400, error))
    }
  })
  app.removeAllContentTypeParsers()
  // The bytes are kept: signatures cover them, and JSON.parse would round offsets.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  app.setErrorHandler((error, _request, reply) => {
    // Fastify closes the connection of a body that it refuses. To close one with unread bytes in it resets it, and the client,
    // which is still sending, may never see why. Kept open, Node reads the rest and drops it.
    if (reply.hasHeader('connection')) reply.header('connection', 'keep-alive')
    return send(reply, errorAnswer(errorStatus(error, false), error))
  })
  app.setNotFoundHandler((_request, reply) => send(reply, errorAnswer(404, notFound())))
  addAccessLog(app, options.services.logger)
  addHeaderRules(app, options.headerRules)
  if (options.cors !== undefined) addCors(app, options.cors)
  for (const served of options.resources) app.register(resourcePlugin(served, options))
  addMethodRefusals(app, options)
  return app
}

function addAccessLog(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const fields = { request: `${request.method} ${pathOf(request)}`, status: reply.statusCode, client: request.ip }
    logger.debug({ ...fields, elapsedMs: Math.round(reply.elapsedTime) }, 'A REST request was answered')
    done()
  })
}

function addHeaderRules(app: FastifyInstance, rules: readonly HeaderRule[]): void {
  app.addHook('onRequest', (_request, reply, done) => {
    for (const { isAdded, name, value } of rules) {
      const before = reply.getHeader(name)
      const isFirst = !isAdded || before === undefined
      reply.header(name, isFirst ? value : [...[before].flat().map(String), value])
    }
    done()
  })
}

function resourcePlugin({ resource, access }: Served, options: RestAppOptions): FastifyPluginCallback {
  return (app, _options, done) => {
    if (resource.isOfRoute) addRouteCheck(app, options.routes)
    if (access === 'forwarded') addForwardGuard(app, options)
    for (const endpoint of resource.endpoints) {
      if (access === 'forwarded' && endpoint.isForwarded !== true) continue
      app.route({
        method: endpoint.method,
        url: fullPath(resource, endpoint),
        handler: async (request, reply) => {
          const work = serve(endpoint, access, request, options)
          return await send(reply, await answerOrError(work, endpoint, request, options))
        }
      })
    }
    done()
  }
}

/** An unknown route is an unknown path, whatever else the request says. */
function addRouteCheck(app: FastifyInstance, routes: RouteTable): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(routeOf(request, routes) === undefined ? notFound() : undefined)
  })
}

/** Requests that no worker of the group has signed get the answer of a path that does not exist. */
function addForwardGuard(app: FastifyInstance, { routes, services }: RestAppOptions): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.headers[forwardSignatureHeader] === undefined ? notFound() : undefined)
  })
  app.addHook('preHandler', (request, reply, done) => {
    const call = callOf(request, routes)
    const sent = { method: request.method, target: request.url, body: call.body }
    const isValid = isForwardSignatureValid(call.route.herder.sessionKey, sent, call.header, services.clock.now())
    if (isValid) reply.header(forwardServedHeader, 'true')
    done(isValid ? undefined : notFound())
  })
}

async function serve(
  endpoint: Endpoint,
  access: Access,
  request: FastifyRequest,
  { routes, services }: RestAppOptions
): Promise<Answer> {
  const call = callOf(request, routes)
  try {
    return await endpoint.handle(call)
  } catch (error) {
    if (endpoint.isForwarded !== true || !(error instanceof ForwardRequestError)) throw error
    const line = { method: request.method, path: pathOf(request) }
    const signWith = access === 'workers' ? undefined : () => call.route.herder.sessionKey
    return await forwardRequest(error, line, call, { ...services, signWith })
  }
}

async function answerOrError(
  work: Promise<Answer>,
  endpoint: Endpoint,
  request: FastifyRequest,
  { services: { clock, logger } }: RestAppOptions
): Promise<Answer> {
  try {
    return await withinDeadline(clock, requestTimeoutMs, work)
  } catch (error) {
    if (error instanceof PeerError) return { status: error.statusCode, json: error.body }
    const status = errorStatus(error, endpoint.isForwarded === true)
    const fields = { request: `${request.method} ${pathOf(request)}`, err: asError(error) }
    if (status === 500 && !isRefusal(error)) logger.warn(fields, 'A REST request failed')
    return errorAnswer(status, error)
  }
}

async function send(reply: FastifyReply, { status, json, content, headers }: Answer): Promise<FastifyReply> {
  reply.code(status).headers({ ...headers })
  if (content !== undefined) {
    const { type, text } = content
    return await reply.type(type).send(typeof text === 'string' ? text : Readable.from(text))
  }
  return await (json === undefined ? reply.send() : reply.type('application/json').send(writeJacksonJson(json)))
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Known paths with another method are 405, not 404; those that only some may know of stay unknown. */
function addMethodRefusals(app: FastifyInstance, { resources }: RestAppOptions): void {
  const taken = new Map<string, string[]>()
  for (const { resource, access } of resources) {
    for (const endpoint of access === 'forwarded' ? [] : resource.endpoints) {
      const path = fullPath(resource, endpoint)
      const own = endpoint.method === 'GET' ? ['GET', 'HEAD'] : [endpoint.method]
      taken.set(path, [...(taken.get(path) ?? []), ...own])
    }
  }
  app.register((scope, _options, done) => {
    for (const [url, own] of taken) {
      const refuse = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
        await send(reply.header('allow', own.join(', ')), errorAnswer(405, methodNotAllowed()))
      // Refused before the body is read: its type and size do not matter.
      const method = methods.filter((each) => !own.includes(each))
      scope.route({ method, url, onRequest: refuse, handler: refuse })
    }
    done()
  })
}
