import { type ConnectorConfig, sameConfig } from '../connector-config.ts'
import { type ConfigSnapshot } from '../storage/config-store.ts'

/** Decides whether generated task configs are to be written (spec 2.2.6). */
export class TaskConfigComparison {
  readonly #resolve: (config: ConnectorConfig) => ConnectorConfig
  /**
   * Applied connector configs with the placeholders' values of when they were first compared: a secret that changed since
   * then makes tasks start again.
   */
  readonly #applied = new Map<string, { readonly raw: ConnectorConfig; readonly resolved: ConnectorConfig }>()

  constructor(resolve: (config: ConnectorConfig) => ConnectorConfig) {
    this.#resolve = resolve
  }

  /** Throws what resolving throws. */
  hasChanged(snapshot: ConfigSnapshot, connector: string, configs: readonly ConnectorConfig[]): boolean {
    const isSameTask = (config: ConnectorConfig, task: number): boolean => {
      const stored = snapshot.taskConfig({ connector, task })
      return stored !== undefined && sameConfig(stored, config)
    }
    if (configs.length !== snapshot.taskCount(connector) || !configs.every(isSameTask)) return true
    const current = snapshot.connectorConfig(connector)
    const applied = this.#resolvedApplied(snapshot, connector)
    return current === undefined || applied === undefined || !sameConfig(this.#resolve(current), applied)
  }

  #resolvedApplied(snapshot: ConfigSnapshot, connector: string): ConnectorConfig | undefined {
    const raw = snapshot.appliedConnectorConfig(connector)
    if (raw === undefined) return undefined
    const known = this.#applied.get(connector)
    if (known !== undefined && sameConfig(known.raw, raw)) return known.resolved
    const resolved = this.#resolve(raw)
    this.#applied.set(connector, { raw, resolved })
    return resolved
  }
}
