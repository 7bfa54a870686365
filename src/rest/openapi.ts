import { type JsonValue } from '../connect/storage/jackson-json.ts'
import { errorStatuses, fullPath, type Endpoint, type Resource } from './endpoint.ts'
import { namedSchemas, ref, string, type JsonSchema } from './schemas.ts'

const errorMeanings: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  403: 'Not allowed here',
  404: 'There is no such thing',
  409: 'In the way: it is there already, the group rebalances, or no leader is known. Try again',
  413: 'The body is too large',
  415: 'The body is not application/json',
  500: 'It failed',
  503: 'Too early'
}

/** The OpenAPI 3.0 document of the public API, from the schemas of its endpoints. */
export function openApiDocument(resources: readonly Resource[], version: string): JsonValue {
  const paths = new Map<string, Record<string, JsonValue>>()
  for (const resource of resources) {
    for (const endpoint of resource.endpoints) {
      const path = fullPath(resource, endpoint).replace(/:(\w+)/g, '{$1}')
      const operations = paths.get(path) ?? {}
      operations[endpoint.method.toLowerCase()] = operation(resource, endpoint)
      paths.set(path, operations)
    }
  }
  return {
    openapi: '3.0.3',
    info: { title: 'connect-mirror-maker', description: 'The Kafka Connect REST API of each route', version },
    tags: resources.map(({ name }) => ({ name })),
    paths: Object.fromEntries(paths),
    components: { schemas: namedSchemas }
  }
}

function operation(resource: Resource, endpoint: Endpoint): JsonValue {
  const { summary, query = {}, body } = endpoint.schema
  const inPath = [...fullPath(resource, endpoint).matchAll(/:(\w+)/g)].map(([, name = '']) =>
    parameter(name, 'path', string)
  )
  const inQuery = Object.entries(query).map(([name, schema]) => parameter(name, 'query', schema))
  return {
    operationId: endpoint.id,
    summary,
    tags: [resource.name],
    parameters: [...inPath, ...inQuery],
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(body) } }),
    responses: responses(resource, endpoint)
  }
}

function parameter(name: string, place: 'path' | 'query', schema: JsonSchema): JsonValue {
  return { name, in: place, required: place === 'path', schema }
}

function responses(resource: Resource, endpoint: Endpoint): JsonValue {
  const { responses: successes, mediaType } = endpoint.schema
  const answers: Record<string, JsonValue> = {}
  for (const status of errorStatuses(resource, endpoint)) {
    answers[status] = { description: errorMeanings[status] ?? 'It failed', content: jsonContent(ref('Error')) }
  }
  for (const [status, body] of Object.entries(successes)) {
    const content = mediaType === undefined ? jsonContent(body ?? {}) : { [mediaType]: { schema: body ?? {} } }
    answers[status] = {
      description: body === null ? 'Done; no body' : 'The answer',
      ...(body === null ? {} : { content })
    }
  }
  return answers
}

function jsonContent(schema: JsonSchema): JsonValue {
  return { 'application/json': { schema } }
}
