import { topicPartitionKey } from '../../client/topic-partition.ts'
import { type Checkpoint } from '../../mirror-client/checkpoint.ts'

/** What becomes of a new checkpoint. `held`: it would take its group back. `same`: it tells nothing new. */
export type Judgement = 'new' | 'same' | 'held'

type CheckpointKey = Pick<Checkpoint, 'consumerGroupId' | 'topic' | 'partition'>

interface Entry {
  readonly checkpoint: Checkpoint
  /** Emitted by this task, not read from the topic. */
  readonly isOwn: boolean
}

/**
 * The last checkpoint of each group and partition of the target (spec 8.3), so that what was emitted is neither repeated nor
 * taken back, whoever emitted it. Memory only.
 */
export class CheckpointStore {
  readonly #groups: ReadonlyMap<string, Map<string, Entry>>

  /** @param groups those of the task: checkpoints of others are not kept */
  constructor(groups: readonly string[]) {
    this.#groups = new Map(groups.map((group) => [group, new Map<string, Entry>()]))
  }

  /** Takes a checkpoint that was found in the topic, in its order. One that this task emitted is newer whatever is read. */
  load(checkpoint: Checkpoint): void {
    const partitions = this.#groups.get(checkpoint.consumerGroupId)
    const key = topicPartitionKey(checkpoint.topic, checkpoint.partition)
    if (partitions?.get(key)?.isOwn === false || partitions?.has(key) === false) {
      partitions.set(key, { checkpoint, isOwn: false })
    }
  }

  last({ consumerGroupId, topic, partition }: CheckpointKey): Checkpoint | undefined {
    return this.#groups.get(consumerGroupId)?.get(topicPartitionKey(topic, partition))?.checkpoint
  }

  /** Whether it may follow the last one (spec 9.4): a group goes back at the target only when it went back at the source. */
  judge(checkpoint: Checkpoint): Judgement {
    const last = this.last(checkpoint)
    if (last === undefined || checkpoint.upstreamOffset < last.upstreamOffset) return 'new'
    if (checkpoint.downstreamOffset > last.downstreamOffset) return 'new'
    return checkpoint.downstreamOffset === last.downstreamOffset ? 'same' : 'held'
  }

  /** It is emitted. */
  put(checkpoint: Checkpoint): void {
    const key = topicPartitionKey(checkpoint.topic, checkpoint.partition)
    this.#groups.get(checkpoint.consumerGroupId)?.set(key, { checkpoint, isOwn: true })
  }

  /** By group, those that have any. */
  *all(): Generator<readonly [group: string, checkpoints: readonly Checkpoint[]]> {
    for (const [group, partitions] of this.#groups) {
      if (partitions.size > 0) yield [group, Array.from(partitions.values(), ({ checkpoint }) => checkpoint)]
    }
  }
}
