// `import { type }` would still load the module.
import type { FastifyRequest } from 'fastify'
import { type Call } from './endpoint.ts'
import { notFound } from './error-answer.ts'
import { type RestRoute } from './rest-services.ts'
import { type RouteTable } from './route-table.ts'

/** A request of the server, as handlers see it. */
export function callOf(request: FastifyRequest, routes: RouteTable): Call {
  const params = segments(request.params)
  return {
    get route() {
      const route = routeOf(request, routes)
      if (route === undefined) throw notFound()
      return route
    },
    param: (name) => params.get(name) ?? '',
    query: new URLSearchParams(request.url.split('?')[1] ?? ''),
    body: Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : undefined,
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    origin: `${request.protocol}://${request.host}`
  }
}

export function routeOf(request: FastifyRequest, routes: RouteTable): RestRoute | undefined {
  const params = segments(request.params)
  return routes.find(params.get('source') ?? '', params.get('target') ?? '')
}

/** The path as sent, escapes in it. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? ''
}

function segments(params: unknown): ReadonlyMap<string, string> {
  if (typeof params !== 'object' || params === null) return new Map()
  return new Map(Object.entries(params).map(([name, value]) => [name, String(value)]))
}
