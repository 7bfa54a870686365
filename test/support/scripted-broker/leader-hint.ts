import { type NodeEndpoint, type PartitionLeaderHint } from '../../../src/wire/api/leader-hint.ts'
import { type Writer } from '../../../src/wire/writer.ts'

export function leaderHintField(hint: PartitionLeaderHint | null): ((field: Writer) => void) | null {
  if (hint === null) return null
  return (field) => field.int32(hint.leaderId).int32(hint.leaderEpoch).noTags()
}

export function nodeEndpointsField(endpoints: readonly NodeEndpoint[]): ((field: Writer) => void) | null {
  if (endpoints.length === 0) return null
  return (field) =>
    field.array(endpoints, ({ nodeId, host, port, rack }) => {
      field.int32(nodeId).string(host).int32(port).nullableString(rack).noTags()
    })
}
