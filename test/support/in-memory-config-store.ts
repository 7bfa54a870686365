import { type ConnectorConfig, type TargetState } from '../../src/connect/connector-config.ts'
import {
  commitRecord,
  connectorRecord,
  loggerRecord,
  restartRecord,
  sessionKeyRecord,
  targetStateRecord,
  taskRecord
} from '../../src/connect/storage/config-records.ts'
import { ConfigState } from '../../src/connect/storage/config-state.ts'
import {
  type ConfigSnapshot,
  type ConfigStore,
  type ConfigStoreListener,
  type RestartRequest,
  type SessionKey
} from '../../src/connect/storage/config-store.ts'

type Append = ReturnType<typeof connectorRecord>

/** A config topic in memory: the program's own records and state, without a broker. */
export class InMemoryConfigStore implements ConfigStore {
  /** What writes and reads to the end reject with. */
  failure: Error | undefined
  /** Every write, by its key. */
  readonly written: string[] = []
  /** Written by other workers, and not read yet. */
  readonly #unread: Append[] = []
  readonly #state = new ConfigState()
  #listener: ConfigStoreListener | undefined
  #nextOffset = 0n

  async start(listener: ConfigStoreListener): Promise<void> {
    await this.refresh()
    this.#listener = listener
  }

  snapshot(): ConfigSnapshot {
    return this.#state.snapshot()
  }

  /** Leaves records as another worker does: read at the next refresh. */
  writeElsewhere(...records: readonly Append[]): void {
    this.#unread.push(...records)
  }

  refresh(): Promise<void> {
    return this.#append([])
  }

  putConnectorConfig(connector: string, config: ConnectorConfig, targetState?: TargetState): Promise<void> {
    const states = targetState === undefined ? [] : [targetStateRecord(connector, targetState)]
    return this.#append([...states, connectorRecord(connector, config)])
  }

  removeConnectorConfig(connector: string): Promise<void> {
    return this.#append([connectorRecord(connector, null), targetStateRecord(connector, null)])
  }

  putTaskConfigs(connector: string, configs: readonly ConnectorConfig[]): Promise<void> {
    const tasks = configs.map((config, task) => taskRecord({ connector, task }, config))
    return this.#append([...tasks, commitRecord(connector, configs.length)])
  }

  putTargetState(connector: string, state: TargetState): Promise<void> {
    return this.#append([targetStateRecord(connector, state)])
  }

  putSessionKey(key: SessionKey): Promise<void> {
    return this.#append([sessionKeyRecord(key)])
  }

  putRestartRequest(request: RestartRequest): Promise<void> {
    return this.#append([restartRecord(request)])
  }

  putLoggerLevel(logger: string, level: string): Promise<void> {
    return this.#append([loggerRecord(logger, level)])
  }

  close(): void {
    this.#listener = undefined
  }

  async #append(records: readonly Append[]): Promise<void> {
    await Promise.resolve()
    if (this.failure !== undefined) throw this.failure
    for (const { key } of records) this.written.push(String(key))
    for (const { key, value } of [...this.#unread.splice(0), ...records]) {
      const record = { partition: 0, offset: this.#nextOffset, timestamp: 0n, key, value }
      this.#nextOffset += 1n
      this.#state.take(record, this.#listener)
    }
  }
}
