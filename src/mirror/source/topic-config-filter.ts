import { type TopicConfigEntry } from '../../client/topic-configs.ts'
import { configSource } from '../../wire/api/32-describe-configs.ts'
import { type ConfigPropertyFilter } from '../filters/topic-filter.ts'

/**
 * Settings that a remote topic is created with. Built-in defaults of the source are left out unless the filter wants them;
 * what the source's brokers set while they run (dynamic settings) counts as set on the topic, as in the reference.
 */
export function configsForCreation(
  entries: readonly TopicConfigEntry[],
  filter: ConfigPropertyFilter
): Record<string, string> {
  const configs: Record<string, string> = {}
  for (const entry of entries) {
    if (entry.value === null || isLeftToTarget(entry, filter) || !isMirrored(entry, filter)) continue
    configs[entry.name] = entry.value
  }
  return configs
}

export interface ConfigDifferences {
  /** What the remote topic is to have of its own; null: nothing, so that the target's default holds. */
  readonly changes: readonly { readonly name: string; readonly value: string | null }[]
  /** Settings that the target's brokers do not know. */
  readonly unknown: readonly string[]
}

/** What is to be changed in the settings of a remote topic so that they are as its source's (spec 6.6, sync mode). */
export function configDifferences(
  source: readonly TopicConfigEntry[],
  target: readonly TopicConfigEntry[],
  filter: ConfigPropertyFilter
): ConfigDifferences {
  const changes: { name: string; value: string | null }[] = []
  const unknown: string[] = []
  const onTarget = new Map(target.map((entry) => [entry.name, entry]))
  for (const entry of source) {
    if (!isMirrored(entry, filter)) continue
    const { name } = entry
    const wanted = isLeftToTarget(entry, filter) ? null : entry.value
    const remote = onTarget.get(name)
    const own = remote?.source === configSource.topic ? remote.value : null
    if (wanted === own) continue
    // Brokers list all settings that they know, and refuse all of a request with one that they do not.
    if (remote === undefined) unknown.push(name)
    else changes.push({ name, value: wanted })
  }
  return { changes, unknown }
}

function isMirrored(entry: TopicConfigEntry, filter: ConfigPropertyFilter): boolean {
  if (entry.isReadOnly || entry.isSensitive || entry.source === configSource.staticBroker) return false
  return filter.shouldReplicateConfigProperty(entry.name)
}

/** Built-in defaults of the source: the target's own hold there. */
function isLeftToTarget(entry: TopicConfigEntry, filter: ConfigPropertyFilter): boolean {
  return entry.source === configSource.default && filter.shouldReplicateSourceDefault?.(entry.name) !== true
}
