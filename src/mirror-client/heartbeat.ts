/** What the heartbeats topic says: mirroring from one cluster to another was alive at a time (spec 5.1). */
export interface Heartbeat {
  readonly sourceClusterAlias: string
  readonly targetClusterAlias: string
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint
}

const version = 0

/** Key: both aliases; value: version and time. Bytes as the reference writes them. */
export function encodeHeartbeat(heartbeat: Heartbeat): { readonly key: Buffer; readonly value: Buffer } {
  const value = Buffer.alloc(10)
  value.writeInt16BE(version, 0)
  value.writeBigInt64BE(heartbeat.timestamp, 2)
  return {
    key: Buffer.concat([shortString(heartbeat.sourceClusterAlias), shortString(heartbeat.targetClusterAlias)]),
    value
  }
}

function shortString(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
