import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type LogRecord } from '../client/log-reader.ts'
import { topicPartitionKey } from '../client/topic-partition.ts'
import { type Checkpoint, decodeCheckpoint, decodeCheckpointKey } from './checkpoint.ts'
import { type OnNewerVersion, warnOfNewerVersions } from './format.ts'

interface CheckpointTableOptions {
  readonly topic: string
  readonly logger: Logger
  /** Which groups are kept. */
  readonly accepts: (groupId: string) => boolean
}

/** The newest checkpoint of each partition of the groups that are wanted, out of the records of a checkpoints topic. */
export class CheckpointTable {
  readonly #options: CheckpointTableOptions
  readonly #onNewerVersion: OnNewerVersion
  readonly #groups = new Map<string, Map<string, Checkpoint>>()
  #hasWarned = false

  constructor(options: CheckpointTableOptions) {
    this.#options = options
    this.#onNewerVersion = warnOfNewerVersions(options.logger, options.topic)
  }

  get groups(): ReadonlyMap<string, Iterable<Checkpoint>> {
    return new Map([...this.#groups].map(([group, checkpoints]) => [group, checkpoints.values()]))
  }

  /** A record that is malformed is passed over; a tombstone takes its checkpoint away. */
  apply({ key, value, offset }: LogRecord): void {
    try {
      this.#take(key ?? Buffer.alloc(0), value)
    } catch (thrown) {
      if (!(thrown instanceof MirrorError)) throw thrown
      const { topic, logger } = this.#options
      if (!this.#hasWarned)
        logger.warn({ topic, offset, err: thrown }, `${topic} holds records that are no checkpoints`)
      this.#hasWarned = true
    }
  }

  #take(key: Buffer, value: Buffer | null): void {
    const { consumerGroupId, topic, partition } = decodeCheckpointKey(key)
    if (!this.#options.accepts(consumerGroupId)) return
    const checkpoints = this.#groups.get(consumerGroupId) ?? new Map<string, Checkpoint>()
    const id = topicPartitionKey(topic, partition)
    if (value === null) checkpoints.delete(id)
    else checkpoints.set(id, decodeCheckpoint(key, value, this.#onNewerVersion))
    if (checkpoints.size === 0) this.#groups.delete(consumerGroupId)
    else this.#groups.set(consumerGroupId, checkpoints)
  }
}
