import { type LogAppend } from '../../client/compacted-log.ts'
import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId, taskIdText } from '../connector-task-id.ts'
import { type RestartRequest, type SessionKey } from './config-store.ts'
import { type JsonMap, type JsonValue, asJsonObject, writeJacksonJson } from './jackson-json.ts'
import { parseTaskId } from './stored-task-id.ts'

/**
 * What a record of the config topic says. Keys are text, values schemaless JSON:
 *
 *   connector-<name>          {"properties":{...}}, null: removed
 *   target-state-<name>       {"state":"PAUSED","state.v2":"STOPPED"}, null: back to the default
 *   task-<name>-<n>           {"properties":{...}}, of no effect before the next commit record
 *   commit-<name>             {"tasks":2}
 *   restart-connector-<name>  {"include-tasks":true,"only-failed":false}
 *   tasks-fencing-<name>      {"task-count":3}, only read by leaders of exactly-once clusters
 *   session-key               {"key":"<base64>","algorithm":"HmacSHA256","creation-timestamp":1729814581000}
 *   logger-cluster-<logger>   {"level":"DEBUG"}
 */
export type ConfigRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly config: ConnectorConfig | null }
  | { readonly kind: 'targetState'; readonly connector: string; readonly state: TargetState | null }
  | { readonly kind: 'task'; readonly id: ConnectorTaskId; readonly config: ConnectorConfig }
  | { readonly kind: 'commit'; readonly connector: string; readonly tasks: number }
  | { readonly kind: 'restart'; readonly request: RestartRequest }
  | { readonly kind: 'fencing' }
  | { readonly kind: 'sessionKey'; readonly key: SessionKey }
  | { readonly kind: 'logger'; readonly logger: string; readonly level: string }

type Members = JsonMap | null

/** Gets the rest of the key and the value; a text says what is wrong with them. */
type ReadRecord = (rest: string, value: JsonValue, members: Members) => ConfigRecord | string

const largestInt = 0x7fffffffn

/** The order counts: the first prefix that fits decides. */
const readers: readonly (readonly [prefix: string, read: ReadRecord])[] = [
  ['target-state-', readTargetState],
  ['connector-', readConnector],
  ['task-', readTask],
  ['commit-', readCommit],
  ['restart-connector-', readRestart],
  ['tasks-fencing-', () => ({ kind: 'fencing' })],
  ['session-key', (rest, _value, members) => (rest === '' ? readSessionKey(members) : unknownKey)],
  ['logger-cluster-', readLogger]
]

const unknownKey = 'no such key is known'

/** A text when the record cannot be understood: what is wrong with it. */
export function parseConfigRecord(key: string, value: JsonValue): ConfigRecord | string {
  for (const [prefix, read] of readers) {
    if (key.startsWith(prefix)) return read(key.slice(prefix.length), value, asJsonObject(value))
  }
  return unknownKey
}

function readTargetState(connector: string, value: JsonValue, members: Members): ConfigRecord | string {
  if (value === null) return { kind: 'targetState', connector, state: null }
  const state = typeof members?.['state.v2'] === 'string' ? members['state.v2'] : members?.['state']
  if (state !== 'STARTED' && state !== 'PAUSED' && state !== 'STOPPED') return 'it names no known target state'
  return { kind: 'targetState', connector, state }
}

function readConnector(connector: string, value: JsonValue, members: Members): ConfigRecord | string {
  const config = value === null ? null : readProperties(members)
  return config === undefined ? noProperties : { kind: 'connector', connector, config }
}

function readTask(rest: string, _value: JsonValue, members: Members): ConfigRecord | string {
  const id = parseTaskId(rest)
  if (id === undefined) return 'its key names no task'
  const config = readProperties(members)
  return config === undefined ? noProperties : { kind: 'task', id, config }
}

function readCommit(connector: string, _value: JsonValue, members: Members): ConfigRecord | string {
  const tasks = members?.['tasks']
  if (typeof tasks !== 'bigint' || tasks < 0n || tasks > largestInt) return 'it has no count of tasks'
  return { kind: 'commit', connector, tasks: Number(tasks) }
}

function readRestart(connector: string, _value: JsonValue, members: Members): ConfigRecord | string {
  if (members === null) return 'it is not a JSON object'
  const includeTasks = members['include-tasks'] === true
  return { kind: 'restart', request: { connector, includeTasks, onlyFailed: members['only-failed'] === true } }
}

function readSessionKey(members: Members): ConfigRecord | string {
  const { key, algorithm, 'creation-timestamp': createdAt } = members ?? {}
  if (typeof key !== 'string' || typeof algorithm !== 'string' || typeof createdAt !== 'bigint') {
    return 'it is not a session key'
  }
  return { kind: 'sessionKey', key: { key: Buffer.from(key, 'base64'), algorithm, createdAt: Number(createdAt) } }
}

function readLogger(logger: string, _value: JsonValue, members: Members): ConfigRecord | string {
  const level = members?.['level']
  return typeof level === 'string' ? { kind: 'logger', logger, level } : 'it names no level'
}

const noProperties = 'it has no properties of text'

function readProperties(members: Members): ConnectorConfig | undefined {
  const properties = asJsonObject(members?.['properties'])
  return properties !== null && isConfig(properties) ? properties : undefined
}

function isConfig(properties: JsonMap): properties is ConnectorConfig {
  return Object.values(properties).every((value) => value === null || typeof value === 'string')
}

/** Null removes it. */
export function connectorRecord(connector: string, config: ConnectorConfig | null): LogAppend {
  return record(`connector-${connector}`, config === null ? null : { properties: config })
}

/** STOPPED came later than PAUSED: workers that do not know it pause instead. */
export function targetStateRecord(connector: string, state: TargetState | null): LogAppend {
  const value = state === null ? null : { state: state === 'STOPPED' ? 'PAUSED' : state, 'state.v2': state }
  return record(`target-state-${connector}`, value)
}

export function taskRecord(id: ConnectorTaskId, config: ConnectorConfig): LogAppend {
  return record(`task-${taskIdText(id)}`, { properties: config })
}

export function commitRecord(connector: string, tasks: number): LogAppend {
  return record(`commit-${connector}`, { tasks })
}

export function restartRecord({ connector, includeTasks, onlyFailed }: RestartRequest): LogAppend {
  return record(`restart-connector-${connector}`, { 'include-tasks': includeTasks, 'only-failed': onlyFailed })
}

export function sessionKeyRecord({ key, algorithm, createdAt }: SessionKey): LogAppend {
  return record('session-key', { key: key.toString('base64'), algorithm, 'creation-timestamp': createdAt })
}

export function loggerRecord(logger: string, level: string): LogAppend {
  return record(`logger-cluster-${logger}`, { level })
}

function record(key: string, value: JsonValue): LogAppend {
  return { partition: 0, key: Buffer.from(key), value: value === null ? null : Buffer.from(writeJacksonJson(value)) }
}
