import { type Cluster } from '../../client/cluster.ts'
import { type ReplicationPolicy } from '../../mirror-client/replication-policy.ts'
import { brokerErrors } from '../../wire/error-codes.ts'

export interface TargetTopicsOptions {
  readonly sourceAlias: string
  readonly targetAlias: string
  readonly policy: Pick<ReplicationPolicy, 'formatRemoteTopic' | 'topicSource' | 'upstreamTopic'>
  readonly target: Pick<Cluster, 'describeTopics'>
}

/** The topics of the target that those of the source are mirrored to: their names, and which of them have been created anew. */
export class TargetTopics {
  readonly #options: TargetTopicsOptions
  /** By name at the target; null where it does not exist, or has no id. */
  #ids: ReadonlyMap<string, Buffer | null> = new Map<string, Buffer | null>()

  constructor(options: TargetTopicsOptions) {
    this.#options = options
  }

  /** A topic that came from the target is there under the name that it had before. */
  nameOf(topic: string): string {
    const { policy, sourceAlias, targetAlias } = this.#options
    const upstream = policy.topicSource(topic) === targetAlias ? policy.upstreamTopic(topic) : null
    return upstream ?? policy.formatRemoteTopic(sourceAlias, topic)
  }

  /** The way back; undefined for a topic that is mirrored from nowhere. */
  sourceOf(name: string): string | undefined {
    return [this.#options.policy.upstreamTopic(name), name].find(
      (topic): topic is string => topic !== null && this.nameOf(topic) === name
    )
  }

  /** Looks the topics up. Where the target does not answer, what was known stays. */
  async refresh(topics: ReadonlySet<string>): Promise<void> {
    const described = await this.#options.target.describeTopics(Array.from(topics, (topic) => this.nameOf(topic)))
    this.#ids = new Map(
      described.map(({ name, errorCode, topicId }) => [name, errorCode === brokerErrors.NONE ? topicId : null])
    )
  }

  /** Whether the target topic of a source topic is known to be another one than that with this id. */
  isReplaced(topic: string, id: Buffer): boolean {
    const present = this.#ids.get(this.nameOf(topic)) ?? null
    return present !== null && !present.equals(id)
  }
}
