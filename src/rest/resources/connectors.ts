import { type Herder } from '../../connect/herder/herder.ts'
import { RequestError } from '../../connect/herder/request-error.ts'
import { type JsonValue } from '../../connect/storage/jackson-json.ts'
import { hasVersions } from '../call-parameters.ts'
import { infoBody, statusBody } from '../connector-bodies.ts'
import { type Resource } from '../endpoint.ts'
import { type RestServices } from '../rest-services.ts'
import { arrayOf, mapOf, object, ref, string } from '../schemas.ts'

type Services = Pick<RestServices, 'isSecret'>

/** Connectors and their states. */
export function connectorsResource({ isSecret }: Services): Resource {
  return {
    name: 'connectors',
    isOfRoute: true,
    endpoints: [
      {
        id: 'listConnectors',
        method: 'GET',
        path: '/connectors',
        schema: {
          summary: 'Names of the connectors; with `expand`, their states and configs by name',
          query: { expand: arrayOf({ type: 'string', enum: ['status', 'info'] }) },
          responses: { 200: { oneOf: [arrayOf(string), mapOf(expandedConnector)] } }
        },
        handle: async ({ route: { herder }, query }) => {
          const names = await herder.connectors()
          const wanted = new Set(query.getAll('expand'))
          if (wanted.size === 0) return { status: 200, json: names }
          const expanded = names.map(async (name) => await expand(herder, name, wanted, isSecret))
          return { status: 200, json: Object.fromEntries((await Promise.all(expanded)).flat()) }
        }
      },
      {
        id: 'getConnector',
        method: 'GET',
        path: '/connectors/:connector',
        schema: {
          summary: 'Config and tasks of a connector',
          responses: { 200: ref('ConnectorInfo') }
        },
        handle: async (call) => {
          const found = await call.route.herder.connectorInfo(call.param('connector'))
          return { status: 200, json: infoBody(found, isSecret) }
        }
      },
      {
        id: 'getConnectorStatus',
        method: 'GET',
        path: '/connectors/:connector/status',
        schema: {
          summary: 'States of a connector and its tasks',
          responses: { 200: ref('ConnectorStatus') }
        },
        handle: async (call) => {
          const status = await call.route.herder.connectorStatus(call.param('connector'))
          return { status: 200, json: statusBody(status, hasVersions(call)) }
        }
      }
    ]
  }
}

const expandedConnector = object({ 'status?': ref('ConnectorStatus'), 'info?': ref('ConnectorInfo') })

/** Nothing for a connector that has no state although one is asked for, or is gone by now. */
async function expand(
  herder: Herder,
  name: string,
  wanted: ReadonlySet<string>,
  isSecret: Services['isSecret']
): Promise<readonly [string, JsonValue][]> {
  const members: Record<string, JsonValue> = {}
  try {
    for (const each of wanted) {
      if (each === 'status') members['status'] = statusBody(await herder.connectorStatus(name), true)
      if (each === 'info') members['info'] = infoBody(await herder.connectorInfo(name), isSecret)
    }
  } catch (error) {
    if (error instanceof RequestError && error.kind === 'notFound') return []
    throw error
  }
  return [[name, members]]
}
