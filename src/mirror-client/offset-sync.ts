import { decodeFields, encodeFields, type EncodedRecord } from './format.ts'

/** A record of a source partition and where it lies on the target: a sample, in `mm2-offset-syncs.<alias>.internal`. */
export interface OffsetSync {
  /** Name at the source. */
  readonly topic: string
  readonly partition: number
  readonly upstreamOffset: bigint
  readonly downstreamOffset: bigint
}

const what = 'an offset sync'

/** The only one of the formats without a version. @throws MirrorError MIRROR_RECORD_INVALID for a name of more than 32767 bytes */
export function encodeOffsetSync(sync: OffsetSync): EncodedRecord {
  return {
    key: encodeFields(what, (writer) => writer.string(sync.topic).int32(sync.partition)),
    value: encodeFields(what, (writer) => writer.int64(sync.upstreamOffset).int64(sync.downstreamOffset))
  }
}

/** @throws MirrorError MIRROR_RECORD_INVALID where bytes are missing */
export function decodeOffsetSync(key: Buffer, value: Buffer): OffsetSync {
  const named = decodeFields(what, key, (reader) => ({ topic: reader.string(), partition: reader.int32() }))
  return decodeFields(what, value, (reader) => ({
    ...named,
    upstreamOffset: reader.int64(),
    downstreamOffset: reader.int64()
  }))
}
