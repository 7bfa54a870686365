import { topicPartitionKey } from '../client/topic-partition.ts'
import { type Checkpoint } from './checkpoint.ts'
import { type Heartbeat } from './heartbeat.ts'
import { type OffsetSync } from './offset-sync.ts'

/** The line of the reference's CheckpointFormatter (`kafka-console-consumer --formatter`), without its line end. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { consumerGroupId, topic, partition, upstreamOffset, downstreamOffset, metadata } = checkpoint
  return line('Checkpoint', {
    consumerGroupId,
    topicPartition: topicPartitionKey(topic, partition),
    upstreamOffset,
    downstreamOffset,
    metadata
  })
}

/** The line of the reference's HeartbeatFormatter. */
export function formatHeartbeat({ sourceClusterAlias, targetClusterAlias, timestamp }: Heartbeat): string {
  return line('Heartbeat', { sourceClusterAlias, targetClusterAlias, timestamp })
}

/** The line of the reference's OffsetSyncFormatter. */
export function formatOffsetSync({ topic, partition, upstreamOffset, downstreamOffset }: OffsetSync): string {
  return line('OffsetSync', { topicPartition: topicPartitionKey(topic, partition), upstreamOffset, downstreamOffset })
}

function line(name: string, fields: Readonly<Record<string, string | bigint>>): string {
  const parts = Object.entries(fields).map(([field, value]) => `${field}=${value}`)
  return `${name}{${parts.join(', ')}}`
}
