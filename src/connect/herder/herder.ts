import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type PluginDescription } from '../source-connector-plugin.ts'
import { type RestartRequest, type SessionKey } from '../storage/config-store.ts'
import { type RunState } from '../storage/status-store.ts'

export interface ConnectorInfo {
  readonly name: string
  /** Raw: placeholders unresolved. */
  readonly config: ConnectorConfig
  readonly tasks: readonly ConnectorTaskId[]
  readonly type: 'source' | 'unknown'
}

export interface StateInfo {
  readonly state: RunState
  readonly workerId: string
  readonly version: string | null
  /** Null where there is none. */
  readonly trace: string | null
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: StateInfo
  /** Sorted by id. */
  readonly tasks: readonly (StateInfo & { readonly id: number })[]
  readonly type: 'source' | 'unknown'
}

export interface HerderHealth {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  readonly message: string
}

/** A stored offset: maps as JSON has them; numbers are bigint where they are integers. */
export interface ConnectorOffset {
  readonly partition: Readonly<Record<string, unknown>>
  /** Null forgets the partition. */
  readonly offset: Readonly<Record<string, unknown>> | null
}

export interface RequestSignature {
  readonly algorithm: string
  readonly signature: Buffer
  /** The body's bytes as they came. */
  readonly body: Buffer
}

/**
 * The control surface of one route's runtime, which the REST API shows (spec 6). Calls that only the leader or an owner can
 * serve reject with ForwardRequestError elsewhere, others with RequestError or RebalanceExpectedError.
 */
export interface Herder {
  readonly kafkaClusterId: string | null
  health(): Promise<HerderHealth>
  connectors(): Promise<readonly string[]>
  connectorInfo(name: string): Promise<ConnectorInfo>
  /** `isCreated`: it was not there before. */
  putConnectorConfig(
    name: string,
    config: ConnectorConfig,
    options: { readonly mayReplace: boolean; readonly targetState?: TargetState }
  ): Promise<{ readonly isCreated: boolean; readonly info: ConnectorInfo }>
  /** Null values delete keys. */
  patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo>
  deleteConnector(name: string): Promise<void>
  taskConfigs(name: string): Promise<readonly { readonly id: ConnectorTaskId; readonly config: ConnectorConfig }[]>
  /** From a worker that owns the connector; checked against the session key while the protocol is `sessioned`. */
  putTaskConfigs(
    name: string,
    configs: readonly ConnectorConfig[],
    signature: RequestSignature | undefined
  ): Promise<void>
  connectorStatus(name: string): Promise<ConnectorStatus>
  taskStatus(id: ConnectorTaskId): Promise<StateInfo & { readonly id: number }>
  restartConnector(name: string): Promise<void>
  restartTask(id: ConnectorTaskId): Promise<void>
  /** Resolves to the plan: what will restart reads RESTARTING. */
  restart(request: RestartRequest): Promise<ConnectorStatus>
  pauseConnector(name: string): Promise<void>
  resumeConnector(name: string): Promise<void>
  stopConnector(name: string): Promise<void>
  activeTopics(name: string): Promise<readonly string[]>
  resetActiveTopics(name: string): Promise<void>
  connectorOffsets(name: string): Promise<readonly ConnectorOffset[]>
  /** Resolves to the message for the caller. */
  alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<string>
  resetOffsets(name: string): Promise<string>
  plugins(): readonly PluginDescription[]
  /** Level `scope=cluster`: written for every worker. */
  putClusterLoggerLevel(logger: string, level: string): Promise<void>
  /** For signing requests to other workers; undefined before one is known. */
  readonly sessionKey: SessionKey | undefined
}
