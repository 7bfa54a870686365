/** A client made from the OpenAPI document that a process serves: it knows no path, and takes no answer that is not described there. */
import { curl, type CurlAnswer } from './curl.ts'
import { schemaErrors } from './rest-under-test.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface Operation {
  readonly operationId: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: Described
  readonly responses: Readonly<Record<string, Described>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

export interface KnownOperation extends Operation {
  readonly method: string
  readonly path: string
  readonly statuses: readonly number[]
}

export interface Call {
  /** Path and query parameters by name. */
  readonly params?: Readonly<Record<string, string>>
  /** JSON, unless it is text or bytes already. */
  readonly body?: object | string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface ApiAnswer extends CurlAnswer {
  /** Undefined where the body is not JSON. */
  readonly json: unknown
}

/** Which statuses of which operation were seen, by whichever client. */
export class SeenAnswers {
  readonly #seen = new Set<string>()

  add(operationId: string, status: number): void {
    this.#seen.add(`${operationId} ${status}`)
  }

  /** What the document describes and nobody saw: `<operation> <status>`. */
  missing(operations: Iterable<KnownOperation>): string[] {
    const described = [...operations].flatMap(({ operationId, statuses }) =>
      statuses.map((status) => `${operationId} ${status}`)
    )
    return described.filter((each) => !this.#seen.has(each))
  }
}

export class OpenApiClient {
  readonly origin: string
  readonly operations: ReadonlyMap<string, KnownOperation>
  readonly #components: object
  readonly #defaults: Readonly<Record<string, string>>
  readonly #seen: SeenAnswers

  private constructor(
    origin: string,
    document: Document,
    defaults: Readonly<Record<string, string>>,
    seen: SeenAnswers
  ) {
    this.origin = origin
    this.#components = document.components
    this.#defaults = defaults
    this.#seen = seen
    this.operations = new Map(
      Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => {
          const statuses = Object.keys(operation.responses).map(Number)
          return [operation.operationId, { ...operation, path, method: method.toUpperCase(), statuses }] as const
        })
      )
    )
  }

  /** @param defaults parameters that most calls share */
  static async of(
    origin: string,
    defaults: Readonly<Record<string, string>>,
    seen = new SeenAnswers()
  ): Promise<OpenApiClient> {
    const { body } = await curl({ method: 'GET', url: `${origin}/openapi.json` })
    return new OpenApiClient(origin, JSON.parse(body) as Document, defaults, seen)
  }

  /** @throws where status, media type or body are not as described */
  async call(operationId: string, { params = {}, body, headers = {} }: Call = {}): Promise<ApiAnswer> {
    const operation = this.operations.get(operationId)
    if (operation === undefined) throw new Error(`the document describes no ${operationId}`)
    const { method, responses } = operation
    const answer = await curl({
      method,
      url: this.origin + target(operation, { ...this.#defaults, ...params }),
      headers,
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) })
    })
    const described = responses[answer.status]
    if (described === undefined) throw new Error(`${operationId} answered ${answer.status}: ${answer.body}`)
    const json = await this.#checked(`${operationId} ${answer.status}`, described, answer)
    this.#seen.add(operationId, answer.status)
    return { ...answer, json }
  }

  async #checked(name: string, { content }: Described, { headers, body }: CurlAnswer): Promise<unknown> {
    const [mediaType, described] = Object.entries(content ?? {})[0] ?? []
    if (mediaType === undefined || described === undefined) {
      if (body !== '') throw new Error(`${name} has a body: ${body}`)
      return undefined
    }
    const type = headers.get('content-type')
    if (type?.split(';')[0] !== mediaType) throw new Error(`${name} is ${type}, not ${mediaType}`)
    const isJson = mediaType === 'application/json'
    const value: unknown = isJson ? JSON.parse(body) : body
    const errors = await schemaErrors(this.#components, [{ name, schema: described.schema, value }])
    if (!Array.isArray(errors) || errors.length > 0) throw new Error(`${JSON.stringify(errors)} in ${body}`)
    return isJson ? value : undefined
  }
}

function target(
  { path, parameters }: Operation & { readonly path: string },
  params: Readonly<Record<string, string>>
): string {
  const inPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${path}: ${name} is not given`)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const { name, in: place } of parameters) {
    const value = params[name]
    if (place === 'query' && value !== undefined) query.set(name, value)
  }
  return query.size === 0 ? inPath : `${inPath}?${query.toString()}`
}
