import { ConfigError, describeProblem } from '../config/config-error.ts'
import { Findings } from '../config/findings.ts'
import { type PluginLoader } from '../config/plugin-loader.ts'
import { traced, type TracedProperties } from '../config/traced-properties.ts'
import { type ConnectorConfig } from '../connect/connector-config.ts'
import { type ConfigProblem } from '../connect/source-connector-plugin.ts'
import { renamedMirrorKeys } from './mirror-options.ts'
import { checkMirrorPlugins } from './mirror-plugins.ts'

/** Reads something out of properties; null when anything is wrong, which is then among the findings. */
export type ConfigReader<Value> = (properties: TracedProperties, findings: Findings) => Value | null

/** Keys that have a value: a stored null says as much as no key. */
export function tracedConfig(config: ConnectorConfig): TracedProperties {
  const entries = Object.entries(config).flatMap(([key, value]): [string, string][] =>
    value === null ? [] : [[key, value]]
  )
  return traced(entries)
}

/** Puts what 3.9 called `topics.blacklist` and the like under its new name, which wins where both are set. */
export function renameOldKeys(properties: TracedProperties, findings: Findings): TracedProperties {
  const result = new Map(properties)
  for (const [oldKey, newKey] of renamedMirrorKeys) {
    const old = result.get(oldKey)
    if (old === undefined) continue
    result.delete(oldKey)
    const wins = result.get(newKey)
    if (wins === undefined) result.set(newKey, old)
    const message =
      wins === undefined ? `old name of ${newKey}, taken for it` : `left out: ${wins.origin} is set and wins`
    findings.warn({ key: old.origin, message })
  }
  return result
}

/** @throws ConfigError with everything that is wrong */
export function readConnectorConfig<Value>(config: ConnectorConfig, read: ConfigReader<Value>): Value {
  const findings = new Findings()
  // A worker of 3.9 may have stored it.
  const value = read(renameOldKeys(tracedConfig(config), findings), findings)
  if (value === null || findings.problems.length > 0) throw new ConfigError(findings.problems)
  return value
}

/** @param plugins the connector's table, and what loads the classes that it lets a config name */
export async function configProblems(
  config: ConnectorConfig,
  read: ConfigReader<unknown>,
  plugins: { readonly options: Readonly<Record<string, unknown>>; readonly loader: PluginLoader }
): Promise<readonly ConfigProblem[]> {
  const findings = new Findings()
  const properties = renameOldKeys(tracedConfig(config), findings)
  read(properties, findings)
  await checkMirrorPlugins(plugins.options, properties, plugins.loader, findings)
  return findings.problems.map((problem) => ({ key: problem.key, message: describeProblem(problem) }))
}
