import { type JsonValue } from '../connect/storage/jackson-json.ts'
import { type RestRoute } from './rest-services.ts'
import { type JsonSchema } from './schemas.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A request, as handlers see it. */
export interface Call {
  /** The route named by the path. Throws RequestError `notFound` when there is none. */
  readonly route: RestRoute
  /** A decoded segment of the path. */
  param(name: string): string
  readonly query: URLSearchParams
  /** Bytes as they came; undefined when there are none. */
  readonly body: Buffer | undefined
  readonly header: (name: string) => string | undefined
  /** `http://host:port` as the client wrote it. */
  readonly origin: string
}

/** A body is JSON, or text of another type. */
export interface Answer {
  readonly status: number
  readonly json?: JsonValue
  readonly content?: { readonly type: string; readonly text: string | AsyncIterable<string> }
  readonly headers?: Readonly<Record<string, string>>
}

/** What the OpenAPI document and docs/rest.md say of an endpoint; the tests hold the answers to it. */
interface EndpointSchema {
  readonly summary: string
  /** By name of the query parameter. */
  readonly query?: Readonly<Record<string, JsonSchema>>
  readonly body?: JsonSchema
  /** Success statuses, each with its body; null: none. */
  readonly responses: Readonly<Record<number, JsonSchema | null>>
  /** Statuses of errors beside those that follow from the rest: see `errorStatuses`. */
  readonly errors?: readonly number[]
  /** Type of the success body where it is no JSON. */
  readonly mediaType?: string
}

export interface Endpoint {
  /** Unique: the name of the call in generated clients. */
  readonly id: string
  readonly method: Method
  /** Below the prefix of its resource; parameters as `:name`. */
  readonly path: string
  readonly schema: EndpointSchema
  /** Whether it is passed on to the worker that can serve it: the leader, or the owner. */
  readonly isForwarded?: boolean
  readonly handle: (call: Call) => Answer | Promise<Answer>
}

/** Endpoints that belong together: a plug-in of the server, a tag of the OpenAPI document. */
export interface Resource {
  readonly name: string
  /** Whether its paths are below `/<source>/<target>`. */
  readonly isOfRoute: boolean
  readonly endpoints: readonly Endpoint[]
}

/** Where the endpoint is found, in the router's notation. */
export function fullPath(resource: Resource, endpoint: Endpoint): string {
  return (resource.isOfRoute ? '/:source/:target' : '') + endpoint.path
}

/** All statuses of errors that an endpoint can answer. */
export function errorStatuses(resource: Resource, { schema }: Endpoint): readonly number[] {
  const { errors = [], body, responses } = schema
  const all = [...errors, ...(resource.isOfRoute ? [404] : []), ...(body === undefined ? [] : [413, 415]), 500]
  return [...new Set(all)].filter((status) => !Object.hasOwn(responses, status)).sort((a, b) => a - b)
}
