import { type ConnectorTaskId } from '../connector-task-id.ts'
import { type ConfigStoreListener, type RestartRequest } from '../storage/config-store.ts'
import { widerRestart } from './restart-plan.ts'

/** What the config topic told since the loop last took it. */
export interface TakenChanges {
  /** Why a rebalance is due; undefined when none is. */
  readonly rejoinReason: string | undefined
  readonly connectors: ReadonlySet<string>
  readonly targetStates: ReadonlySet<string>
  /** Connectors with new task configs. */
  readonly taskConfigs: ReadonlySet<string>
}

/** Collects what the config topic tells, in whatever turn of the program, until the herder's loop comes to it. */
export class ConfigChanges implements ConfigStoreListener {
  readonly #wake: () => void
  readonly #onLoggerLevel: (logger: string, level: string) => void
  /** Connectors that were there or told of before: any other one is new, and has to be assigned to somebody. */
  readonly #known = new Set<string>()
  #rejoinReason: string | undefined
  #connectors = new Set<string>()
  #targetStates = new Set<string>()
  #taskConfigs = new Set<string>()
  #restarts = new Map<string, RestartRequest>()

  constructor(wake: () => void, onLoggerLevel: (logger: string, level: string) => void) {
    this.#wake = wake
    this.#onLoggerLevel = onLoggerLevel
  }

  /** Connectors of the first read. */
  seed(connectors: readonly string[]): void {
    for (const name of connectors) this.#known.add(name)
  }

  get isPending(): boolean {
    const counts = [this.#connectors, this.#targetStates, this.#taskConfigs, this.#restarts].map(({ size }) => size)
    return this.#rejoinReason !== undefined || counts.some((count) => count > 0)
  }

  takeRestarts(): readonly RestartRequest[] {
    const taken = [...this.#restarts.values()]
    this.#restarts = new Map()
    return taken
  }

  take(): TakenChanges {
    const taken = {
      rejoinReason: this.#rejoinReason,
      connectors: this.#connectors,
      targetStates: this.#targetStates,
      taskConfigs: this.#taskConfigs
    }
    this.#rejoinReason = undefined
    this.#connectors = new Set()
    this.#targetStates = new Set()
    this.#taskConfigs = new Set()
    return taken
  }

  /** Tasks that run here may have configs that the newest snapshot no longer holds. */
  get hasTaskConfigs(): boolean {
    return this.#taskConfigs.size > 0
  }

  hasTaskConfigsOf(connector: string): boolean {
    return this.#taskConfigs.has(connector)
  }

  /** The group joins with the newest configs: what was new or removed until now needs no rebalance of its own. */
  joining(): void {
    this.#rejoinReason = undefined
  }

  /** A connector starts on the newest config and target state: what was told of it before is done with. */
  connectorStarting(connector: string): void {
    this.#connectors.delete(connector)
    this.#targetStates.delete(connector)
  }

  connectorConfigUpdated(connector: string): void {
    if (!this.#known.has(connector)) this.#rejoin(`connector ${connector} is new`)
    this.#known.add(connector)
    // Also a new one: a connector that was deleted and made again before the loop looked still runs on its old config.
    this.#connectors.add(connector)
    this.#wake()
  }

  connectorConfigRemoved(connector: string): void {
    this.#known.delete(connector)
    this.#connectors.delete(connector)
    this.#targetStates.delete(connector)
    this.#restarts.delete(connector)
    this.#rejoin(`connector ${connector} was deleted`)
  }

  taskConfigsUpdated(ids: readonly ConnectorTaskId[]): void {
    for (const { connector } of ids) this.#taskConfigs.add(connector)
    this.#rejoin(`task configs changed of ${[...new Set(ids.map(({ connector }) => connector))].join(', ')}`)
  }

  targetStateChanged(connector: string): void {
    this.#targetStates.add(connector)
    this.#wake()
  }

  sessionKeyUpdated(): void {
    // The snapshot has it.
  }

  restartRequested(request: RestartRequest): void {
    const earlier = this.#restarts.get(request.connector)
    this.#restarts.set(request.connector, earlier === undefined ? request : widerRestart(earlier, request))
    this.#wake()
  }

  loggerLevelUpdated(logger: string, level: string): void {
    this.#onLoggerLevel(logger, level)
  }

  #rejoin(reason: string): void {
    this.#rejoinReason = reason
    this.#wake()
  }
}
