import { withinDeadline } from '../deadline.ts'
import { type Resource } from '../endpoint.ts'
import { type RestRoute, type RestServices } from '../rest-services.ts'
import { ref } from '../schemas.ts'

type Services = Pick<RestServices, 'clock' | 'version' | 'commit'>

/** Longer than the 10 s in which a herder says itself that its loop does not come round, and why. */
const healthTimeoutMs = 15_000

export const healthStatuses = { healthy: 200, degraded: 200, starting: 503, unhealthy: 500 } as const

export interface RouteHealth {
  /** `degraded`: at work, but some partitions stand still until an operator acts. */
  readonly status: keyof typeof healthStatuses
  readonly message: string
}

/** A message names no more partitions than that. */
const mostNamed = 10

/** What a route says of itself. */
export function workerInfoResource({ clock, version, commit }: Services): Resource {
  return {
    name: 'worker',
    isOfRoute: true,
    endpoints: [
      {
        id: 'getWorkerInfo',
        method: 'GET',
        path: '/',
        schema: {
          summary: 'Version of Kafka Connect that this stands for, and the cluster that is written to',
          responses: { 200: ref('WorkerInfo') }
        },
        handle: ({ route: { herder } }) => ({
          status: 200,
          json: { version, commit, kafka_cluster_id: herder.kafkaClusterId }
        })
      },
      {
        id: 'getWorkerHealth',
        method: 'GET',
        path: '/health',
        schema: {
          summary:
            'Whether the route is at work: 200 (degraded while partitions stand still), 503 while it starts, 500 when it is not',
          responses: { 200: ref('Health'), 500: ref('Health'), 503: ref('Health') }
        },
        handle: async (call) => {
          const { status, message } = await routeHealth(call.route, clock)
          return { status: healthStatuses[status], json: { status, message } }
        }
      }
    ]
  }
}

/** Never rejects: a route that does not answer is not healthy. */
export async function routeHealth(route: RestRoute, clock: Services['clock']): Promise<RouteHealth> {
  try {
    const health = await withinDeadline(clock, healthTimeoutMs, route.herder.health())
    return health.status === 'healthy' ? degradedBy(route.stoppedPartitions(), health) : health
  } catch (error) {
    return { status: 'unhealthy', message: error instanceof Error ? error.message : String(error) }
  }
}

function degradedBy(stopped: readonly string[], health: RouteHealth): RouteHealth {
  if (stopped.length === 0) return health
  const named = stopped.slice(0, mostNamed).join(', ')
  const rest = stopped.length > mostNamed ? ` and ${stopped.length - mostNamed} more` : ''
  return { status: 'degraded', message: `Partitions that stand still, see the log: ${named}${rest}` }
}
