/**
 * A connector's or task's config as the config topic keeps it: text or null by key, placeholders (`${provider:key}`)
 * unresolved. Compared as maps; member order means nothing.
 */
export type ConnectorConfig = Readonly<Record<string, string | null>>

/** What an operator wants of a connector (spec 4.9). */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

export function sameConfig(a: ConnectorConfig, b: ConnectorConfig): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
}
