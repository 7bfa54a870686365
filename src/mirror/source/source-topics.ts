import { type TopicMetadata } from '../../client/cluster.ts'
import { brokerErrors } from '../../wire/error-codes.ts'
import { type TopicSelection } from './topic-selection.ts'

/** Partition counts by topic. */
export type PartitionCounts = ReadonlyMap<string, number>

/**
 * The mirrored topics of a listing of the source. A topic whose metadata the broker cannot give now keeps the count that
 * was known before; one that is not listed, or that the broker calls unknown, is gone.
 */
export function mirroredTopics(
  listed: readonly TopicMetadata[],
  selection: TopicSelection,
  known: PartitionCounts
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const topic of listed) {
    if (
      topic.isInternal ||
      topic.errorCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION ||
      !selection.isMirrored(topic.name)
    )
      continue
    // A partition with an error of its own, such as a missing leader, is listed all the same.
    const count = Math.max(topic.partitions.length, topic.errorCode === 0 ? 0 : (known.get(topic.name) ?? 0))
    if (count > 0) counts.set(topic.name, count)
  }
  return counts
}
