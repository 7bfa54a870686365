import {
  decodeFields,
  encodeFields,
  type EncodedRecord,
  formatVersion,
  type OnNewerVersion,
  readVersion
} from './format.ts'

/** Where a consumer group goes on at the target: a record of `<source>.checkpoints.internal` there. */
export interface Checkpoint {
  readonly consumerGroupId: string
  /** Name at the target. */
  readonly topic: string
  readonly partition: number
  /** What the group has committed at the source. */
  readonly upstreamOffset: bigint
  /** The same position at the target. */
  readonly downstreamOffset: bigint
  /** Of the group's commit; empty if it has none. */
  readonly metadata: string
}

const what = 'a checkpoint'

/** @throws MirrorError MIRROR_RECORD_INVALID for a text of more than 32767 bytes */
export function encodeCheckpoint(checkpoint: Checkpoint): EncodedRecord {
  const { consumerGroupId, topic, partition, upstreamOffset, downstreamOffset, metadata } = checkpoint
  return {
    key: encodeFields(what, (writer) => writer.string(consumerGroupId).string(topic).int32(partition)),
    value: encodeFields(what, (writer) =>
      writer.int16(formatVersion).int64(upstreamOffset).int64(downstreamOffset).string(metadata)
    )
  }
}

/** What the checkpoint is of: its key. */
export type CheckpointKey = Pick<Checkpoint, 'consumerGroupId' | 'topic' | 'partition'>

/** @throws MirrorError MIRROR_RECORD_INVALID where bytes are missing */
export function decodeCheckpointKey(key: Buffer): CheckpointKey {
  return decodeFields(what, key, (reader) => ({
    consumerGroupId: reader.string(),
    topic: reader.string(),
    partition: reader.int32()
  }))
}

/** @throws MirrorError MIRROR_RECORD_INVALID where bytes are missing */
export function decodeCheckpoint(key: Buffer, value: Buffer, onNewerVersion?: OnNewerVersion): Checkpoint {
  const named = decodeCheckpointKey(key)
  return decodeFields(what, value, (reader) => {
    readVersion(reader, onNewerVersion)
    return {
      ...named,
      upstreamOffset: reader.int64(),
      downstreamOffset: reader.int64(),
      metadata: reader.string()
    }
  })
}
