import { type TopicConfigEntry } from '../../client/topic-configs.ts'
import { type ConfigPropertyFilter } from '../filters/topic-filter.ts'

/** Kafka's config sources that decide here. 0 stands for brokers before 1.1, which tell defaults from the rest only. */
const fromBrokerFile = 4
const fromDefaults = 5
const untold = 0

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
  if (isBuiltInDefault(entry) && filter.shouldReplicateSourceDefault?.(entry.name) !== true) return false
  if (entry.isReadOnly || entry.isSensitive || entry.source === fromBrokerFile) return false
  return filter.shouldReplicateConfigProperty(entry.name)
}

function isBuiltInDefault(entry: TopicConfigEntry): boolean {
  return entry.source === fromDefaults || (entry.source === untold && entry.isDefault)
}
