import { type Broker, type PartitionLeader, type PartitionMetadata, type TopicMetadata } from './cluster.ts'

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
      if (known !== undefined && sameTopic(known, merged)) continue
      this.#topics.set(topic.name, merged)
      changed = true
    }
    return changed
  }
}

/** Partitions are numbered without gaps, so the index nearly always finds it; a gap costs one search. */
function findPartition(topic: TopicMetadata, partition: number): PartitionMetadata | undefined {
  const indexed = topic.partitions[partition]
  return indexed?.partition === partition ? indexed : topic.partitions.find((one) => one.partition === partition)
}

/**
 * Brokers learn of a new leader one after the other. Asking a late one after an early one would bring the old leader back,
 * so an older leader epoch never replaces a newer one, unless the topic was created anew (epochs restart).
 */
function keepNewerLeaders(known: TopicMetadata, answer: TopicMetadata): TopicMetadata {
  if (!sameId(known.topicId, answer.topicId) || known.topicId === null) return answer
  const newerThan = (partition: PartitionMetadata): PartitionMetadata | undefined => {
    const before = findPartition(known, partition.partition)
    const isOlder = before !== undefined && partition.leaderEpoch >= 0 && partition.leaderEpoch < before.leaderEpoch
    return isOlder ? before : undefined
  }
  // The usual case keeps the answer itself, which other clients share.
  if (!answer.partitions.some((partition) => newerThan(partition) !== undefined)) return answer
  return { ...answer, partitions: answer.partitions.map((partition) => newerThan(partition) ?? partition) }
}

function sameId(left: Buffer | null, right: Buffer | null): boolean {
  return left === null || right === null ? left === right : left.equals(right)
}

function sameTopic(left: TopicMetadata, right: TopicMetadata): boolean {
  return (
    left.errorCode === right.errorCode &&
    sameId(left.topicId, right.topicId) &&
    left.partitions.length === right.partitions.length &&
    left.partitions.every((partition, index) => samePartition(partition, right.partitions[index]))
  )
}

export function samePartition(left: PartitionMetadata, right: PartitionMetadata | undefined): boolean {
  return (
    left.partition === right?.partition &&
    left.errorCode === right.errorCode &&
    left.leader === right.leader &&
    left.leaderEpoch === right.leaderEpoch
  )
}
