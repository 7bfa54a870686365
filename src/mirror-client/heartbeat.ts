import {
  decodeFields,
  encodeFields,
  type EncodedRecord,
  formatVersion,
  type OnNewerVersion,
  readVersion
} from './format.ts'

/** What the heartbeats topic says: mirroring from one cluster to another was alive at a time. */
export interface Heartbeat {
  readonly sourceClusterAlias: string
  readonly targetClusterAlias: string
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint
}

const what = 'a heartbeat'

/** @throws MirrorError MIRROR_RECORD_INVALID for an alias of more than 32767 bytes */
export function encodeHeartbeat({ sourceClusterAlias, targetClusterAlias, timestamp }: Heartbeat): EncodedRecord {
  return {
    key: encodeFields(what, (writer) => writer.string(sourceClusterAlias).string(targetClusterAlias)),
    value: encodeFields(what, (writer) => writer.int16(formatVersion).int64(timestamp))
  }
}

/** @throws MirrorError MIRROR_RECORD_INVALID where bytes are missing */
export function decodeHeartbeat(key: Buffer, value: Buffer, onNewerVersion?: OnNewerVersion): Heartbeat {
  const aliases = decodeFields(what, key, (reader) => ({
    sourceClusterAlias: reader.string(),
    targetClusterAlias: reader.string()
  }))
  return decodeFields(what, value, (reader) => {
    readVersion(reader, onNewerVersion)
    return { ...aliases, timestamp: reader.int64() }
  })
}
