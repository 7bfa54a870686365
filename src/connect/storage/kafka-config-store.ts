import { type CompactedLogOptions } from '../../client/compacted-log.ts'
import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import {
  type ConfigSnapshot,
  type ConfigStore,
  type ConfigStoreListener,
  type RestartRequest,
  type SessionKey
} from './config-store.ts'

/** The topic always has one partition. `isolation`: read_committed where leaders write in transactions. */
export type KafkaConfigStoreOptions = Omit<CompactedLogOptions, 'onRecord' | 'partitions' | 'maxPartitions'>

export class KafkaConfigStore implements ConfigStore {
  readonly #options: KafkaConfigStoreOptions

  constructor(options: KafkaConfigStoreOptions) {
    this.#options = options
  }

  start(_listener: ConfigStoreListener): Promise<void> {
    return Promise.reject(this.#missing())
  }

  snapshot(): ConfigSnapshot {
    throw this.#missing()
  }

  refresh(_timeoutMs: number): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putConnectorConfig(_connector: string, _config: ConnectorConfig, _targetState?: TargetState): Promise<void> {
    return Promise.reject(this.#missing())
  }

  removeConnectorConfig(_connector: string): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putTaskConfigs(_connector: string, _configs: readonly ConnectorConfig[]): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putTargetState(_connector: string, _state: TargetState): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putSessionKey(_key: SessionKey): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putRestartRequest(_request: RestartRequest): Promise<void> {
    return Promise.reject(this.#missing())
  }

  putLoggerLevel(_logger: string, _level: string): Promise<void> {
    return Promise.reject(this.#missing())
  }

  close(): void {
    return undefined
  }

  #missing(): Error {
    return new Error(`${this.#options.topic} cannot be kept yet`)
  }
}
