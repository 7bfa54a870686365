import { type ConnectorConfig, type TargetState } from '../connector-config.ts'
import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ConfigSnapshot, type SessionKey } from './config-store.ts'
import { type ConnectorState, unknownConnector } from './connector-state.ts'

export class StoredConfigSnapshot implements ConfigSnapshot {
  readonly offset: bigint
  readonly sessionKey: SessionKey | undefined
  readonly connectors: readonly string[]
  readonly #states: ReadonlyMap<string, ConnectorState>

  constructor(offset: bigint, sessionKey: SessionKey | undefined, states: ReadonlyMap<string, ConnectorState>) {
    this.offset = offset
    this.sessionKey = sessionKey
    this.#states = new Map(states)
    this.connectors = [...states]
      .filter(([, { config }]) => config !== undefined)
      .map(([name]) => name)
      .sort()
  }

  connectorConfig(connector: string): ConnectorConfig | undefined {
    return this.#state(connector).config
  }

  appliedConnectorConfig(connector: string): ConnectorConfig | undefined {
    return this.#state(connector).appliedConfig
  }

  targetState(connector: string): TargetState | undefined {
    return this.#state(connector).targetState
  }

  taskCount(connector: string): number {
    return this.#state(connector).taskCount
  }

  tasks(connector: string): readonly ConnectorTaskId[] {
    const { isInconsistent, taskCount } = this.#state(connector)
    return Array.from({ length: isInconsistent ? 0 : taskCount }, (_, task) => ({ connector, task }))
  }

  taskConfig({ connector, task }: ConnectorTaskId): ConnectorConfig | undefined {
    const { taskCount, taskConfigs } = this.#state(connector)
    return task < taskCount ? taskConfigs.get(task) : undefined
  }

  taskGeneration(connector: string): number | undefined {
    return this.#state(connector).generation
  }

  isInconsistent(connector: string): boolean {
    return this.#state(connector).isInconsistent
  }

  #state(connector: string): ConnectorState {
    return this.#states.get(connector) ?? unknownConnector
  }
}
