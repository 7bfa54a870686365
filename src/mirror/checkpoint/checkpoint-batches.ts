import { topicPartitionKey } from '../../client/topic-partition.ts'
import { type SourceBatch, type SourcePartition } from '../../connect/source-batch.ts'
import { encodeBatch } from '../../wire/record.ts'
import { type NewCheckpoint } from './checkpoint-translation.ts'

export interface EmittedCheckpoint {
  readonly of: NewCheckpoint['checkpoint']
  /** clock.now() when it was emitted, which is the timestamp of its record. */
  readonly atMs: number
}

/** Checkpoints as batches of one record, and which checkpoint a batch was made of. */
export class CheckpointBatches {
  readonly #topic: string
  readonly #partitions = new Map<string, SourcePartition>()
  readonly #emitted = new WeakMap<SourceBatch, EmittedCheckpoint>()

  /** @param topic of the checkpoints */
  constructor(topic: string) {
    this.#topic = topic
  }

  async make({ checkpoint, record }: NewCheckpoint, atMs: number): Promise<SourceBatch> {
    const batch = {
      sourcePartition: this.#partitionOf(checkpoint),
      ...{ firstOffset: 0n, lastOffset: 0n },
      ...{ targetTopic: this.#topic, targetPartition: 0, recordCount: 1 },
      records: await encodeBatch([{ timestamp: BigInt(atMs), ...record }]),
      release: () => undefined
    }
    this.#emitted.set(batch, { atMs, of: checkpoint })
    return batch
  }

  /** Undefined: the batch was not made here. */
  emittedIn(batch: SourceBatch): EmittedCheckpoint | undefined {
    return this.#emitted.get(batch)
  }

  #partitionOf({ consumerGroupId: group, topic, partition }: NewCheckpoint['checkpoint']): SourcePartition {
    const key = `${topicPartitionKey(topic, partition)} ${group}`
    let found = this.#partitions.get(key)
    if (found === undefined) {
      // Member order is that of the reference's stored keys (spec 5.4).
      found = { fields: { partition, topic, group } }
      this.#partitions.set(key, found)
    }
    return found
  }
}
