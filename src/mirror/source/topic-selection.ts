import { mostHops, type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { type TopicFilter } from '../filters/topic-filter.ts'

export interface TopicSelectionOptions {
  readonly policy: ReplicationPolicy
  readonly topicFilter: TopicFilter
  readonly targetAlias: string
  /** `heartbeats.replication.enabled` */
  readonly replicateHeartbeats: boolean
}

/** Which topics of the source are mirrored. */
export class TopicSelection {
  readonly #options: TopicSelectionOptions

  constructor(options: TopicSelectionOptions) {
    this.#options = options
  }

  isMirrored(topic: string): boolean {
    const { policy, topicFilter, replicateHeartbeats } = this.#options
    if (policy.isInternalTopic(topic) || this.isCycle(topic)) return false
    return topicFilter.shouldReplicateTopic(topic) || (replicateHeartbeats && policy.isHeartbeatsTopic(topic))
  }

  /** Whether the topic has passed the target before: mirroring it again would go round for ever. */
  isCycle(topic: string): boolean {
    const { policy, targetAlias } = this.#options
    let current = topic
    for (let hop = 0; hop < mostHops; hop++) {
      const source = policy.topicSource(current)
      if (source === null) return false
      if (source === targetAlias) return true
      const upstream = policy.upstreamTopic(current)
      if (upstream === null || upstream === current) return false
      current = upstream
    }
    return false
  }
}

/**
 * Whether Kafka before 4.1 took a mirrored topic for an internal one by its ending alone, and so did not mirror it: after
 * a change from such an installation it appears on the target all of a sudden.
 */
export function wasInternalBefore41(topic: string): boolean {
  return topic.endsWith('.internal') || topic.endsWith('-internal')
}
