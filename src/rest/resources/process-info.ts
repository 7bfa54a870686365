import { type JsonValue } from '../../connect/storage/jackson-json.ts'
import { type Resource } from '../endpoint.ts'
import { type RestRoute, type RestServices } from '../rest-services.ts'
import { ref, string } from '../schemas.ts'
import { healthStatuses, routeHealth, type RouteHealth } from './worker-info.ts'

type Services = Pick<RestServices, 'clock' | 'version' | 'commit' | 'metrics'>

/** What the process says of all its routes. */
export function processInfoResource(services: Services, routes: () => readonly RestRoute[]): Resource {
  const { clock, version, commit, metrics } = services
  return {
    name: 'process',
    isOfRoute: false,
    endpoints: [
      {
        id: 'getProcessInfo',
        method: 'GET',
        path: '/',
        schema: { summary: 'Routes of this process, and where each is found', responses: { 200: ref('ProcessInfo') } },
        handle: () => {
          const listed = routes().map(({ source, target }) => ({
            source,
            target,
            path: `/${encodeURIComponent(source)}/${encodeURIComponent(target)}/`
          }))
          return { status: 200, json: { version, commit, routes: listed } }
        }
      },
      {
        id: 'getProcessHealth',
        method: 'GET',
        path: '/health',
        schema: {
          summary: 'Whether every route is at work: the worst of their answers',
          responses: { 200: ref('ProcessHealth'), 500: ref('ProcessHealth'), 503: ref('ProcessHealth') }
        },
        handle: async () => {
          const answers = await Promise.all(
            routes().map(
              async (route) => [`${route.source}->${route.target}`, await routeHealth(route, clock)] as const
            )
          )
          const { status, message } = worst(answers)
          const listed: Record<string, JsonValue> = Object.fromEntries(
            answers.map(([name, health]) => [name, { status: health.status, message: health.message }])
          )
          return { status: healthStatuses[status], json: { status, message, routes: listed } }
        }
      },
      {
        id: 'getMetrics',
        method: 'GET',
        path: '/metrics',
        schema: {
          summary: 'Metrics in the text format of Prometheus',
          responses: { 200: string },
          mediaType: 'text/plain'
        },
        handle: () => ({ status: 200, content: { type: metrics.contentType, text: metrics.scrape() } })
      }
    ]
  }
}

type NamedHealth = readonly [name: string, health: RouteHealth]

function worst(answers: readonly NamedHealth[]): RouteHealth {
  for (const status of ['unhealthy', 'starting', 'degraded'] as const) {
    const names = answers.filter(([, health]) => health.status === status).map(([name]) => name)
    if (names.length > 0) return { status, message: `${status}: ${names.join(', ')}` }
  }
  if (answers.length === 0) return { status: 'starting', message: 'There is no route yet' }
  return { status: 'healthy', message: 'Every route is at work' }
}
