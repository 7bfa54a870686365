import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type JsonMap, type JsonValue, asJsonObject, writeJacksonJson } from './jackson-json.ts'
import { parseStoredJson } from './json-parser.ts'
import { type RunState, type StoredStatus } from './status-store.ts'
import { parseTaskId } from './stored-task-id.ts'

/**
 * What a record of the status topic says; null is a tombstone: DESTROYED, or a topic no longer counted.
 *
 *   status-connector-<name>                   {"state":"RUNNING","trace":null,"worker_id":"A->B","generation":7,"version":"4.3.1"}
 *   status-task-<name>-<n>                    the same; Java before 4.1 writes no version
 *   status-topic-<topic>:connector-<name>     {"topic":{"name":"A.t","connector":"c","task":0,"discoverTimestamp":1729814581000}}
 */
export type StatusRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly status: StoredStatus | null }
  | { readonly kind: 'task'; readonly id: ConnectorTaskId; readonly status: StoredStatus | null }
  | { readonly kind: 'topic'; readonly connector: string; readonly topic: string; readonly isActive: boolean }

const prefixes = { connector: 'status-connector-', task: 'status-task-', topic: 'status-topic-' } as const

/** The topic ends at the first colon; no topic's name has one. */
const topicKey = /^([^:]*):connector-(.*)$/s

const runStates: ReadonlySet<string> = new Set<RunState>([
  'UNASSIGNED',
  'RUNNING',
  'PAUSED',
  'STOPPED',
  'FAILED',
  'RESTARTING'
])

export function connectorStatusKey(connector: string): string {
  return prefixes.connector + connector
}

export function taskStatusKey(id: ConnectorTaskId): string {
  return prefixes.task + taskIdText(id)
}

export function topicStatusKey(topic: string, connector: string): string {
  return `${prefixes.topic}${topic}:connector-${connector}`
}

export function statusValue({ state, trace, workerId, generation, version }: StoredStatus): string {
  return writeJacksonJson({ state, trace, worker_id: workerId, generation, version })
}

export function topicValue(topic: string, { connector, task }: ConnectorTaskId, discoverTimestamp: number): string {
  return writeJacksonJson({ topic: { name: topic, connector, task, discoverTimestamp } })
}

/** A text when the record cannot be understood: what is wrong with it. */
export function parseStatusRecord(key: string, value: Buffer | null): StatusRecord | string {
  if (key.startsWith(prefixes.topic)) return readTopic(key.slice(prefixes.topic.length), value)
  const isTask = key.startsWith(prefixes.task)
  if (!isTask && !key.startsWith(prefixes.connector)) return 'no such key is known'
  const status = value === null ? null : readStatus(readMembers(value))
  if (status === undefined) return 'its value is not a status'
  if (!isTask) return { kind: 'connector', connector: key.slice(prefixes.connector.length), status }
  const id = parseTaskId(key.slice(prefixes.task.length))
  return id === undefined ? 'its key names no task' : { kind: 'task', id, status }
}

function readTopic(rest: string, value: Buffer | null): StatusRecord | string {
  const [, topic, connector] = topicKey.exec(rest) ?? []
  if (topic === undefined || connector === undefined) return 'its key names no topic of a connector'
  if (value === null) return { kind: 'topic', connector, topic, isActive: false }
  const members = asJsonObject(readMembers(value)?.['topic'])
  const isAsKeyed = members?.['name'] === topic && members['connector'] === connector
  const isWhole = typeof members?.['task'] === 'bigint' && typeof members['discoverTimestamp'] === 'bigint'
  return isAsKeyed && isWhole
    ? { kind: 'topic', connector, topic, isActive: true }
    : 'its value is not the topic of its key'
}

function readMembers(value: Buffer): JsonMap | null {
  try {
    return asJsonObject(parseStoredJson(value))
  } catch {
    return null
  }
}

function readStatus(members: ReturnType<typeof readMembers>): StoredStatus | undefined {
  if (members === null) return undefined
  const { state, trace = null, worker_id: workerId, generation, version = null } = members
  if (typeof workerId !== 'string' || typeof generation !== 'bigint') return undefined
  if (!isText(trace) || !isText(version) || !isRunState(state)) return undefined
  return { state, trace, workerId, generation: Number(generation), version }
}

function isText(value: JsonValue): value is string | null {
  return value === null || typeof value === 'string'
}

function isRunState(value: JsonValue | undefined): value is RunState {
  return typeof value === 'string' && runStates.has(value)
}
