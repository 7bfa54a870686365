import { type MetadataTopic } from '../wire/api/03-metadata.ts'
import { type PartitionMetadata, type TopicMetadata } from './cluster.ts'
import { isSameTopicId } from './topic-id.ts'

/**
 * A topic as an answer has it. While leaders of thousands of partitions are waited for, answers come one after the other and
 * mostly say the same: then it is the object that is known already.
 */
export function topicMetadata(answer: MetadataTopic, known: TopicMetadata | undefined): TopicMetadata {
  if (known !== undefined && saysTheSame(answer, known)) return known
  return { ...answer, partitions: answer.partitions.toSorted((a, b) => a.partition - b.partition) }
}

/** Partitions in any order. */
export function saysTheSame(answer: Omit<TopicMetadata, 'name'>, known: TopicMetadata): boolean {
  return (
    answer.errorCode === known.errorCode &&
    answer.isInternal === known.isInternal &&
    isSameTopicId(answer.topicId, known.topicId) &&
    answer.partitions.length === known.partitions.length &&
    answer.partitions.every((one) => isSamePartition(one, findPartition(known, one.partition)))
  )
}

/** Partitions are numbered without gaps, so the index nearly always finds it; a gap costs one search. */
export function findPartition(topic: TopicMetadata, partition: number): PartitionMetadata | undefined {
  const indexed = topic.partitions[partition]
  return indexed?.partition === partition ? indexed : topic.partitions.find((one) => one.partition === partition)
}

/**
 * Brokers learn of a new leader one after the other. Asking a late one after an early one would bring the old leader back,
 * so an older leader epoch never replaces a newer one, unless the topic was created anew (epochs restart).
 */
export function keepNewerLeaders(known: TopicMetadata, answer: TopicMetadata): TopicMetadata {
  if (!isSameTopicId(known.topicId, answer.topicId) || known.topicId === null) return answer
  const newerThan = (partition: PartitionMetadata): PartitionMetadata | undefined => {
    const before = findPartition(known, partition.partition)
    const isOlder = before !== undefined && partition.leaderEpoch >= 0 && partition.leaderEpoch < before.leaderEpoch
    return isOlder ? before : undefined
  }
  // The usual case keeps the answer itself, which other clients share.
  if (!answer.partitions.some((partition) => newerThan(partition) !== undefined)) return answer
  return { ...answer, partitions: answer.partitions.map((partition) => newerThan(partition) ?? partition) }
}

function isSamePartition(left: PartitionMetadata, right: PartitionMetadata | undefined): boolean {
  return (
    left.partition === right?.partition &&
    left.errorCode === right.errorCode &&
    left.leader === right.leader &&
    left.leaderEpoch === right.leaderEpoch
  )
}
