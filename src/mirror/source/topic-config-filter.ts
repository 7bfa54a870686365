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
    if (entry.value !== null && isCopied(entry, filter)) configs[entry.name] = entry.value
  }
  return configs
}

function isCopied(entry: TopicConfigEntry, filter: ConfigPropertyFilter): boolean {
  if (entry.source === configSource.default && filter.shouldReplicateSourceDefault?.(entry.name) !== true) return false
  if (entry.isReadOnly || entry.isSensitive || entry.source === configSource.staticBroker) return false
  return filter.shouldReplicateConfigProperty(entry.name)
}
