import { type LogRecord } from '../../client/log-reader.ts'
import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConfigRecord, parseConfigRecord } from './config-records.ts'
import { type ConfigSnapshot, type ConfigStoreListener, type SessionKey } from './config-store.ts'
import { type ConnectorState, noTasks, unknownConnector } from './connector-state.ts'
import { type JsonValue } from './jackson-json.ts'
import { parseStoredJson } from './json-parser.ts'
import { StoredConfigSnapshot } from './stored-config-snapshot.ts'

/**
 * What the config topic has said so far. Task configs are written one by one and count only once a commit record has
 * closed the set, so that no worker starts half of a new configuration:
 *
 *   task-c-0, task-c-1   deferred
 *   commit-c {tasks: 2}  0 and 1 are there: they are the task configs now, and the generation is raised
 *   commit-c {tasks: 3}  2 is missing (compacted away, or its writer died): inconsistent until a set is complete again
 */
export class ConfigState {
  readonly #connectors = new Map<string, ConnectorState>()
  /**
   * Task configs that wait for their commit record. A set stays, empty, when it is committed: that there ever was one is
   * what raises the generation.
   */
  readonly #deferred = new Map<string, Map<number, ConnectorConfig>>()
  #offset = -1n
  #sessionKey: SessionKey | undefined
  #snapshot: ConfigSnapshot | undefined

  snapshot(): ConfigSnapshot {
    this.#snapshot ??= new StoredConfigSnapshot(this.#offset, this.#sessionKey, this.#connectors)
    return this.#snapshot
  }

  /**
   * Takes the next record and tells the listener of what it changed; without one (while the topic is read for the first
   * time) restarts and logger levels are of no effect. Returns what is wrong with a record that is skipped.
   */
  take({ key, value, offset }: LogRecord, listener: ConfigStoreListener | undefined): string | undefined {
    let json: JsonValue
    try {
      json = value === null ? null : parseStoredJson(value)
    } catch {
      // Such a record does not even count for the offset: Java's workers do not count it either.
      return 'its value is not JSON'
    }
    this.#offset = offset + 1n
    this.#snapshot = undefined
    if (key === null) return 'it has no key'
    const record = parseConfigRecord(key.toString(), json)
    if (typeof record === 'string') return record
    this.#apply(record, listener)
    return undefined
  }

  #apply(record: ConfigRecord, listener: ConfigStoreListener | undefined): void {
    switch (record.kind) {
      case 'connector':
        if (record.config === null) this.#removeConnector(record.connector, listener)
        else this.#setConnector(record.connector, record.config, listener)
        break
      case 'targetState':
        this.#setTargetState(record.connector, record.state, listener)
        break
      case 'task':
        this.#defer(record.id.connector).set(record.id.task, record.config)
        break
      case 'commit':
        this.#commit(record.connector, record.tasks, listener)
        break
      case 'sessionKey':
        this.#sessionKey = record.key
        listener?.sessionKeyUpdated(record.key)
        break
      case 'restart':
        listener?.restartRequested(record.request)
        break
      case 'logger':
        listener?.loggerLevelUpdated(record.logger, record.level)
        break
      case 'fencing':
        break
    }
  }

  #setConnector(connector: string, config: ConnectorConfig, listener: ConfigStoreListener | undefined): void {
    const { targetState = 'STARTED' } = this.#state(connector)
    this.#change(connector, { config, targetState })
    listener?.connectorConfigUpdated(connector)
  }

  #removeConnector(connector: string, listener: ConfigStoreListener | undefined): void {
    this.#deferred.delete(connector)
    this.#change(connector, { config: undefined, ...noTasks })
    listener?.connectorConfigRemoved(connector)
  }

  #setTargetState(connector: string, state: TargetState | null, listener: ConfigStoreListener | undefined): void {
    const { config, targetState: before } = this.#state(connector)
    const byDefault = config === undefined ? undefined : 'STARTED'
    this.#change(connector, { targetState: state ?? byDefault })
    if (state !== null && state !== before && config !== undefined) listener?.targetStateChanged(connector)
  }

  #commit(connector: string, taskCount: number, listener: ConfigStoreListener | undefined): void {
    const { config, taskConfigs, generation } = this.#state(connector)
    if (config === undefined) {
      // The connector was removed, and compaction left the commit record over.
      this.#deferred.delete(connector)
      this.#change(connector, noTasks)
      return
    }
    const deferred = this.#deferred.get(connector)
    const isComplete = isCompleteSet(deferred, taskCount)
    const applied = isComplete ? [...(deferred?.keys() ?? [])].map((task) => ({ connector, task })) : []
    if (isComplete) {
      this.#change(connector, {
        taskConfigs: new Map([...taskConfigs, ...(deferred ?? [])]),
        generation: deferred === undefined ? generation : (generation ?? -1) + 1,
        isInconsistent: false,
        appliedConfig: config
      })
    } else this.#change(connector, { isInconsistent: true })
    deferred?.clear()
    this.#change(connector, { taskCount })
    listener?.taskConfigsUpdated(applied)
  }

  #defer(connector: string): Map<number, ConnectorConfig> {
    const deferred = this.#deferred.get(connector) ?? new Map<number, ConnectorConfig>()
    this.#deferred.set(connector, deferred)
    return deferred
  }

  #state(connector: string): ConnectorState {
    return this.#connectors.get(connector) ?? unknownConnector
  }

  #change(connector: string, changes: Partial<ConnectorState>): void {
    this.#connectors.set(connector, { ...this.#state(connector), ...changes })
  }
}

/** More than were asked for are fine. */
function isCompleteSet(configs: ReadonlyMap<number, ConnectorConfig> | undefined, taskCount: number): boolean {
  // First the size: a broken record may ask for two thousand million.
  if ((configs?.size ?? 0) < taskCount) return false
  return Array.from({ length: taskCount }, (_, task) => task).every((task) => configs?.has(task) === true)
}
