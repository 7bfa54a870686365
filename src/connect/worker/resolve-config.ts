import { ConfigError } from '../../config/config-error.ts'
import { type ConfigProviders } from '../../config/config-providers.ts'
import { Findings } from '../../config/findings.ts'
import { type OptionTable } from '../../config/option-table.ts'
import { parseOptions } from '../../config/parse-options.ts'
import { traced } from '../../config/traced-properties.ts'
import { type ConnectorConfig } from '../connector-config.ts'

/**
 * The config with the placeholders of config providers set in (spec 8.1). Looked up anew at each call; what a provider does not know
 * stays as it is, nulls stay null.
 * @throws ConfigError naming the keys whose provider failed
 */
export function resolveConfig(config: ConnectorConfig, providers: ConfigProviders): ConnectorConfig {
  const findings = new Findings()
  const resolved = providers.resolve(traced(presentEntries(config)), findings)
  if (findings.problems.length > 0) throw new ConfigError(findings.problems)
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, value === null ? null : (resolved.get(key)?.value ?? value)])
  )
}

/** Values of the table's keys in a resolved config; a null counts as absent. Throws ConfigError. */
export function configValues<Values extends object>(table: OptionTable<Values>, config: ConnectorConfig): Values {
  const findings = new Findings()
  const values = parseOptions(table, traced(presentEntries(config)), findings)
  if (values === null) throw new ConfigError(findings.problems)
  return values
}

/** What is not null. */
export function presentEntries(config: ConnectorConfig): [string, string][] {
  return Object.entries(config).filter((entry): entry is [string, string] => entry[1] !== null)
}
