import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'

/** Signs requests between workers (spec 2.2.8). */
export interface SessionKey {
  readonly key: Buffer
  /** As Java names it: `HmacSHA256`. */
  readonly algorithm: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface RestartRequest {
  readonly connector: string
  readonly onlyFailed: boolean
  readonly includeTasks: boolean
}

/** What the config topic says at one moment; never changes. Spec 2.2.3. */
export interface ConfigSnapshot {
  /** Offset of the last record that counts, plus one; -1n while there is none. The number workers agree on (spec 2.2.2). */
  readonly offset: bigint
  readonly sessionKey: SessionKey | undefined
  /** Sorted by name. */
  readonly connectors: readonly string[]
  connectorConfig(connector: string): ConnectorConfig | undefined
  /** The raw config that the tasks' configs were made from; undefined before the first commit record. */
  appliedConnectorConfig(connector: string): ConnectorConfig | undefined
  /** Undefined only for a connector that never had a config or a state. */
  targetState(connector: string): TargetState | undefined
  taskCount(connector: string): number
  /** In order; empty while the connector is inconsistent (spec 2.2.4). */
  tasks(connector: string): readonly ConnectorTaskId[]
  taskConfig(id: ConnectorTaskId): ConnectorConfig | undefined
  /** Raised by each complete set of task configs; the first is 0. */
  taskGeneration(connector: string): number | undefined
  isInconsistent(connector: string): boolean
}

/** Told of each change once the first read is done, in the order of the topic. Must not throw. */
export interface ConfigStoreListener {
  connectorConfigUpdated(connector: string): void
  connectorConfigRemoved(connector: string): void
  taskConfigsUpdated(ids: readonly ConnectorTaskId[]): void
  targetStateChanged(connector: string): void
  sessionKeyUpdated(key: SessionKey): void
  restartRequested(request: RestartRequest): void
  loggerLevelUpdated(logger: string, level: string): void
}

/**
 * The config topic (spec 2.2). Every write ends, where the spec says so, with a read to the end, so that the writer sees
 * its own write; a write that takes longer than 30 s rejects with a retriable MIRROR_TIMEOUT.
 */
export interface ConfigStore {
  /** Creates or opens the topic and reads it whole. Waits for an absent cluster. Throws MIRROR_INTERNAL_TOPIC. */
  start(listener: ConfigStoreListener): Promise<void>
  snapshot(): ConfigSnapshot
  /** Reads to the end; rejects with a retriable MIRROR_TIMEOUT after `timeoutMs`. */
  refresh(timeoutMs: number): Promise<void>
  putConnectorConfig(connector: string, config: ConnectorConfig, targetState?: TargetState): Promise<void>
  removeConnectorConfig(connector: string): Promise<void>
  putTaskConfigs(connector: string, configs: readonly ConnectorConfig[]): Promise<void>
  putTargetState(connector: string, state: TargetState): Promise<void>
  putSessionKey(key: SessionKey): Promise<void>
  putRestartRequest(request: RestartRequest): Promise<void>
  putLoggerLevel(logger: string, level: string): Promise<void>
  close(): void
}
