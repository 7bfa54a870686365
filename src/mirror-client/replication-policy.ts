import { MirrorError } from '../base/errors.ts'

/** Names topics on the target and reads such names back. Null means "no such name". */
export interface ReplicationPolicy {
  /** Name on the target of a topic of the cluster `sourceAlias`. */
  formatRemoteTopic(sourceAlias: string, topic: string): string
  /** Alias of the cluster that a topic came from in its last hop. */
  topicSource(topic: string): string | null
  /** Name one hop upstream. */
  upstreamTopic(topic: string): string | null
  /** Name with all hops taken off. */
  originalTopic(topic: string): string
  heartbeatsTopic(): string
  /** Topic of offset syncs on the cluster that holds it, named after the other cluster. */
  offsetSyncsTopic(clusterAlias: string): string
  checkpointsTopic(clusterAlias: string): string
  isHeartbeatsTopic(topic: string): boolean
  isCheckpointsTopic(topic: string): boolean
  isMM2InternalTopic(topic: string): boolean
  /** Topics that are never mirrored. */
  isInternalTopic(topic: string): boolean
}

/** What a policy of one's own must say; for all that it leaves out `completePolicy` fills in the rules below. */
export type CustomReplicationPolicy = Pick<ReplicationPolicy, 'formatRemoteTopic' | 'topicSource' | 'upstreamTopic'> &
  Partial<ReplicationPolicy>

/** Settings of a connector as text: what a policy or filter is configured with. */
export type PluginProperties = Readonly<Record<string, string>>

/** A Kafka topic name has at most 249 characters, so no honest name has more hops; a policy that goes in circles ends here. */
export const mostHops = 250

/** Steps upstream until the policy knows no further name. */
export function stripHops(policy: Pick<ReplicationPolicy, 'upstreamTopic'>, topic: string): string {
  let current = topic
  for (let hop = 0; hop < mostHops; hop++) {
    const upstream = policy.upstreamTopic(current)
    if (upstream === null || upstream === current) return current
    current = upstream
  }
  return current
}

/**
 * The topics that the Connect workers, the offset syncs and the offset map of any route use, whatever separator named them. Under a
 * custom separator Kafka 4.1 and later recognise only those with that separator, so that a file which sets
 * `topics.exclude` mirrors the dotted ones of its own workers. Mirroring them is never wanted.
 */
export function isRouteStorageTopic(topic: string): boolean {
  return /^mm2-(?:configs|offsets|status|offset-syncs|offset-map)([._-]+).+\1internal$/.test(topic)
}

/** Topic of the offset map on the target, named after the source, in the way of the offset-syncs topic. */
export function offsetMapTopic(policy: Pick<ReplicationPolicy, 'offsetSyncsTopic'>, sourceAlias: string): string {
  const syncs = policy.offsetSyncsTopic(sourceAlias)
  // A policy of one's own may name that one as it likes.
  return syncs.includes('offset-syncs')
    ? syncs.replace('offset-syncs', 'offset-map')
    : `mm2-offset-map.${sourceAlias}.internal`
}

/** The rules that apply where a policy does not say. The policy throws MirrorError MIRROR_PLUGIN where it has no remote name. */
export function completePolicy(custom: CustomReplicationPolicy): ReplicationPolicy {
  const policy: ReplicationPolicy = {
    formatRemoteTopic: (alias, topic) => nameOf(custom.formatRemoteTopic(alias, topic), alias, topic),
    // In plain JavaScript "no such name" may be undefined.
    topicSource: (topic) => custom.topicSource(topic) ?? null,
    upstreamTopic: (topic) => custom.upstreamTopic(topic) ?? null,
    originalTopic: (topic) => custom.originalTopic?.(topic) ?? stripHops(policy, topic),
    heartbeatsTopic: () => custom.heartbeatsTopic?.() ?? 'heartbeats',
    offsetSyncsTopic: (alias) => custom.offsetSyncsTopic?.(alias) ?? `mm2-offset-syncs.${alias}.internal`,
    checkpointsTopic: (alias) => custom.checkpointsTopic?.(alias) ?? `${alias}.checkpoints.internal`,
    isHeartbeatsTopic: (topic) =>
      custom.isHeartbeatsTopic?.(topic) ?? policy.originalTopic(topic) === policy.heartbeatsTopic(),
    isCheckpointsTopic: (topic) => custom.isCheckpointsTopic?.(topic) ?? topic.endsWith('.checkpoints.internal'),
    isMM2InternalTopic: (topic) =>
      custom.isMM2InternalTopic?.(topic) ??
      ((topic.startsWith('mm2') && topic.endsWith('.internal')) ||
        policy.isCheckpointsTopic(topic) ||
        isRouteStorageTopic(topic)),
    isInternalTopic: (topic) =>
      custom.isInternalTopic?.(topic) ??
      (policy.isMM2InternalTopic(topic) || topic.startsWith('__') || topic.startsWith('.'))
  }
  return policy
}

/** A promise, or nothing, would be the name of some topic in the end. */
function nameOf(given: unknown, alias: string, topic: string): string {
  if (typeof given === 'string' && given !== '') return given
  throw new MirrorError(
    'MIRROR_PLUGIN',
    `The replication policy has no name for topic ${topic} of ${alias}: formatRemoteTopic must return a text that is not empty`
  )
}
