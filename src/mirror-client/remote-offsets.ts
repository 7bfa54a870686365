import { topicPartitionKey } from '../client/topic-partition.ts'

/** Where a consumer group goes on in a partition of this cluster. */
export interface RemoteOffset {
  /** Name on this cluster. */
  readonly topic: string
  readonly partition: number
  /** Offset of the next record to read: never ahead of what the group has read at the source. */
  readonly offset: bigint
  /** Of the group's commit at the source; empty if it had none. */
  readonly metadata: string
  /** True: precisely the next record. False: possibly some records before it, which are read again. */
  readonly exact: boolean
  /** What the group had committed at the source when the checkpoint was made. */
  readonly upstreamOffset: bigint
}

/** In the form that kafkajs takes: `consumer.seek(...)`, and per topic `admin.setOffsets({ partitions })`. */
export interface KafkaJsOffset {
  topic: string
  partition: number
  offset: string
}

/** Positions of a group, at most one a partition, sorted by topic and partition. Does not change. */
export class RemoteOffsets implements Iterable<RemoteOffset> {
  readonly #offsets: ReadonlyMap<string, RemoteOffset>

  constructor(offsets: Iterable<RemoteOffset>) {
    const sorted = [...offsets].sort((a, b) => compare(a.topic, b.topic) || a.partition - b.partition)
    this.#offsets = new Map(
      sorted.map((offset) => [topicPartitionKey(offset.topic, offset.partition), Object.freeze({ ...offset })])
    )
  }

  get size(): number {
    return this.#offsets.size
  }

  /** @param topic name on this cluster */
  get(topic: string, partition: number): RemoteOffset | undefined {
    return this.#offsets.get(topicPartitionKey(topic, partition))
  }

  [Symbol.iterator](): IterableIterator<RemoteOffset> {
    return this.#offsets.values()
  }

  toKafkaJS(): KafkaJsOffset[] {
    return [...this].map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) }))
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
