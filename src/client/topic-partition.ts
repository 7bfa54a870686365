/** A partition of a topic. Interned by whoever holds many: compare by content, or by `topicPartitionKey`. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The text form used in logs, messages and `task.assigned.partitions`: `topic-partition`. */
export function topicPartitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

/** Entries by topic, in the order in which topics first occur: the nesting of most Kafka requests. */
export function groupByTopic<T extends TopicPartition>(entries: readonly T[]): [topic: string, entries: T[]][] {
  const topics = new Map<string, T[]>()
  for (const entry of entries) {
    const group = topics.get(entry.topic)
    if (group === undefined) topics.set(entry.topic, [entry])
    else group.push(entry)
  }
  return [...topics]
}
