import { type Cluster } from '../../client/cluster.ts'
import { logEnds } from '../../client/list-offsets.ts'
import { topicPartitionKey } from '../../client/topic-partition.ts'
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
  const partitions = held.map(({ checkpoint }) => checkpoint)
  const ends = await logEnds(target, partitions)
  return held.filter(({ checkpoint }) => {
    const end = ends.get(topicPartitionKey(checkpoint.topic, checkpoint.partition))
    const last = store.last(checkpoint)
    return end !== undefined && last !== undefined && last.downstreamOffset > end
  })
}
