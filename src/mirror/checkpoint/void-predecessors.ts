import { type Cluster } from '../../client/cluster.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { topicPartitionKey } from '../../client/topic-partition.ts'
import { brokerErrors } from '../../wire/error-codes.ts'
import { type CheckpointStore } from './checkpoint-store.ts'
import { type NewCheckpoint } from './checkpoint-translation.ts'

/**
 * Of checkpoints that are held back, those whose predecessors lie beyond the end of the target's log: it has been created
 * anew, or has lost records, since they were made. Where the end is not told they stay held.
 */
export async function withVoidPredecessors(
  held: readonly NewCheckpoint[],
  store: Pick<CheckpointStore, 'last'>,
  target: Cluster
): Promise<NewCheckpoint[]> {
  if (held.length === 0) return []
  const ends = await logEnds(held, target)
  return held.filter(({ checkpoint }) => {
    const end = ends.get(topicPartitionKey(checkpoint.topic, checkpoint.partition))
    const last = store.last(checkpoint)
    return end !== undefined && last !== undefined && last.downstreamOffset > end
  })
}

async function logEnds(held: readonly NewCheckpoint[], target: Cluster): Promise<Map<string, bigint>> {
  const partitions = new Map(
    held.map(({ checkpoint }) => [topicPartitionKey(checkpoint.topic, checkpoint.partition), checkpoint])
  )
  const queries = Array.from(partitions.values(), ({ topic, partition }) => {
    return { topic, partition, at: 'latest' as const }
  })
  const ends = new Map<string, bigint>()
  for (const { topic, partition, offset, errorCode } of await listOffsets(target, queries)) {
    if (errorCode === brokerErrors.NONE) ends.set(topicPartitionKey(topic, partition), offset)
  }
  return ends
}
