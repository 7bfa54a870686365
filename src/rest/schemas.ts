import { type JsonValue } from '../connect/storage/jackson-json.ts'

/** JSON Schema as OpenAPI 3.0 has it: `nullable` instead of a type `null`. */
export type JsonSchema = Readonly<Record<string, JsonValue>>

export const string: JsonSchema = { type: 'string' }
export const boolean: JsonSchema = { type: 'boolean' }
const nullableString: JsonSchema = { type: 'string', nullable: true }
const integer: JsonSchema = { type: 'integer' }
const anyMap: JsonSchema = { type: 'object', additionalProperties: true }

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

export function mapOf(values: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: values }
}

/** An object with these members and no others; names that end in `?` may be absent. */
export function object(members: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const required = Object.keys(members).filter((name) => !name.endsWith('?'))
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(members).map(([name, schema]) => [name.replace('?', ''), schema])),
    // OpenAPI 3.0 forbids an empty list.
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false
  }
}

const runState: JsonSchema = {
  type: 'string',
  enum: ['UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'RESTARTING']
}

const taskId = object({ connector: string, task: integer })
const connectorType: JsonSchema = { type: 'string', enum: ['source', 'sink', 'unknown'] }
const stateMembers = { state: runState, worker_id: string, 'version?': nullableString, 'trace?': string }
const healthMembers = {
  status: { type: 'string', enum: ['healthy', 'degraded', 'starting', 'unhealthy'] },
  message: string
}

/** Bodies that have a name in the OpenAPI document. */
export const namedSchemas = {
  Error: object({ error_code: integer, message: string }),
  Message: object({ message: string }),
  ConnectorConfig: mapOf(nullableString),
  ConnectorInfo: object({
    name: string,
    config: mapOf(nullableString),
    tasks: arrayOf(taskId),
    type: connectorType
  }),
  CreateConnector: object({
    name: string,
    config: mapOf(nullableString),
    'initial_state?': { type: 'string', enum: ['RUNNING', 'PAUSED', 'STOPPED'] }
  }),
  TaskInfo: object({ id: taskId, config: mapOf(nullableString) }),
  TaskStatus: object({ id: integer, ...stateMembers }),
  ConnectorStatus: object({
    name: string,
    connector: object(stateMembers),
    tasks: arrayOf(object({ id: integer, ...stateMembers })),
    type: connectorType
  }),
  ConnectorOffsets: object({
    offsets: arrayOf(object({ partition: anyMap, offset: { ...anyMap, nullable: true } }))
  }),
  Plugin: object({ class: string, type: string, 'version?': string }),
  LoggerLevel: object({ level: string, last_modified: { type: 'integer', nullable: true } }),
  Health: object(healthMembers),
  ProcessHealth: object({ ...healthMembers, routes: mapOf(object(healthMembers)) }),
  WorkerInfo: object({ version: string, commit: string, kafka_cluster_id: nullableString }),
  ProcessInfo: object({
    version: string,
    commit: string,
    routes: arrayOf(object({ source: string, target: string, path: string }))
  })
} as const satisfies Record<string, JsonSchema>

/** Refers to a named body. */
export function ref(name: keyof typeof namedSchemas): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}
