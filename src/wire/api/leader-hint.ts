import { type Reader } from '../reader.ts'

/** Who leads a partition now, as a broker that no longer does tells it in Produce and Fetch (KIP-951, KIP-595). */
export interface PartitionLeaderHint {
  /** -1 when unknown. */
  readonly leaderId: number
  readonly leaderEpoch: number
}

/** Address of a broker that such a hint names. */
export interface NodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** leader_id INT32, leader_epoch INT32, TAGS */
export function readLeaderHint(reader: Reader): PartitionLeaderHint {
  const hint = { leaderId: reader.int32(), leaderEpoch: reader.int32() }
  reader.skipTags()
  return hint
}

/** [node_id INT32, host STRING, port INT32, rack NULLABLE_STRING, TAGS] */
export function readNodeEndpoints(reader: Reader): NodeEndpoint[] {
  return reader.array(() => {
    const endpoint = {
      nodeId: reader.int32(),
      host: reader.string(),
      port: reader.int32(),
      rack: reader.nullableString()
    }
    reader.skipTags()
    return endpoint
  })
}
