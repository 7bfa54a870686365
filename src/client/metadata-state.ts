import { type Broker, type PartitionLeader, type TopicMetadata } from './cluster.ts'
import { findPartition, keepNewerLeaders, saysTheSame } from './topic-metadata.ts'

/** What one Metadata answer tells, whatever its version. */
export interface MetadataAnswer {
  readonly brokers: readonly Broker[]
  readonly clusterId: string | null
  /** -1 when there is none. */
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

/** The last known brokers and followed topics of a cluster. Pure state: no I/O, no time. */
export class MetadataState {
  readonly #topics = new Map<string, TopicMetadata>()
  #brokers: readonly Broker[] = []
  #clusterId: string | null = null
  #controllerId = -1

  get brokers(): readonly Broker[] {
    return this.#brokers
  }

  get clusterId(): string | null {
    return this.#clusterId
  }

  get controllerId(): number {
    return this.#controllerId
  }

  broker(nodeId: number): Broker | undefined {
    return this.#brokers.find((broker) => broker.nodeId === nodeId)
  }

  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  leader(topic: string, partition: number): PartitionLeader | undefined {
    const metadata = this.#topics.get(topic)
    if (metadata === undefined) return undefined
    const found = findPartition(metadata, partition)
    if (found === undefined || found.leader < 0) return undefined
    return { nodeId: found.leader, epoch: found.leaderEpoch, topicId: metadata.topicId }
  }

  forget(topic: string): void {
    this.#topics.delete(topic)
  }

  /**
   * Takes over an answer; topics that `isFollowed` denies are left out. Returns whether anything changed.
   * The answer must name brokers: one that is still starting names none, and knows no topics either.
   */
  apply(answer: MetadataAnswer, isFollowed: (topic: string) => boolean): boolean {
    let changed =
      this.#clusterId !== answer.clusterId ||
      this.#controllerId !== answer.controllerId ||
      JSON.stringify(this.#brokers) !== JSON.stringify(answer.brokers)
    this.#clusterId = answer.clusterId
    this.#controllerId = answer.controllerId
    this.#brokers = answer.brokers
    for (const topic of answer.topics) {
      if (!isFollowed(topic.name)) continue
      const known = this.#topics.get(topic.name)
      const merged = known === undefined ? topic : keepNewerLeaders(known, topic)
      if (known !== undefined && saysTheSame(merged, known)) continue
      this.#topics.set(topic.name, merged)
      changed = true
    }
    return changed
  }
}
