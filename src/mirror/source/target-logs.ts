import { type Cluster } from '../../client/cluster.ts'
import { listOffsets, type OffsetSpec } from '../../client/list-offsets.ts'
import { type TopicPartition } from '../../client/topic-partition.ts'
import { type TargetLog } from './partition-ledger.ts'

type Target = Pick<Cluster, 'describeTopics'> & Cluster

/** In the order of the partitions; undefined where a topic or partition is not there, or cannot be asked about now. */
export async function targetLogs(
  target: Target,
  partitions: readonly TopicPartition[]
): Promise<(TargetLog | undefined)[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))]
  const [described, ends] = await Promise.all([
    target.describeTopics(topics),
    targetOffsets(target, partitions, 'latest')
  ])
  const ids = new Map(described.map(({ name, errorCode, topicId }) => [name, errorCode === 0 ? topicId : undefined]))
  return partitions.map(({ topic }, index) => {
    const topicId = ids.get(topic)
    const end = ends[index]
    return topicId === undefined || end === undefined ? undefined : { topicId, end }
  })
}

/** In the order of the partitions; undefined where that is not known. */
export async function targetOffsets(
  target: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetSpec
): Promise<(bigint | undefined)[]> {
  const listed = await listOffsets(
    target,
    partitions.map((partition) => ({ ...partition, at }))
  )
  return listed.map(({ errorCode, offset }) => (errorCode === 0 ? offset : undefined))
}
