import { type Resource } from './endpoint.ts'
import { openApiDocument } from './openapi.ts'
import { adminLoggersResource } from './resources/admin-loggers.ts'
import { connectorConfigResource } from './resources/connector-config.ts'
import { connectorControlResource } from './resources/connector-control.ts'
import { connectorOffsetsResource } from './resources/connector-offsets.ts'
import { connectorPluginsResource } from './resources/connector-plugins.ts'
import { connectorTasksResource } from './resources/connector-tasks.ts'
import { connectorTopicsResource } from './resources/connector-topics.ts'
import { connectorsResource } from './resources/connectors.ts'
import { processInfoResource } from './resources/process-info.ts'
import { workerInfoResource } from './resources/worker-info.ts'
import { type RestRoute, type RestServices } from './rest-services.ts'

/** The public API whole, its own description with it. */
export function publicResources(services: RestServices, routes: () => readonly RestRoute[]): readonly Resource[] {
  const described = [
    processInfoResource(services, routes),
    workerInfoResource(services),
    connectorsResource(services),
    connectorConfigResource(services),
    connectorControlResource(),
    connectorTasksResource(services),
    connectorTopicsResource(),
    connectorOffsetsResource(),
    connectorPluginsResource(),
    adminLoggersResource(services.loggerLevels)
  ]
  const document: Resource = {
    name: 'document',
    isOfRoute: false,
    endpoints: [
      {
        id: 'getOpenApi',
        method: 'GET',
        path: '/openapi.json',
        schema: { summary: 'This API as an OpenAPI 3.0 document', responses: { 200: { type: 'object' } } },
        handle: () => ({ status: 200, json: openApiDocument([...described, document], services.version) })
      }
    ]
  }
  return [...described, document]
}
