/** A partition of a topic. Interned by whoever holds many: compare by content, or by `topicPartitionKey`. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The text form used in logs, messages and `task.assigned.partitions`: `topic-partition`. */
export function topicPartitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`
}
