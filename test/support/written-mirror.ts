/** What a mirror leaves behind at the target, written by hand: positions and histories that no real mirror could be brought to at will. */
import { type Cluster } from '../../src/client/cluster.ts'
import { type Checkpoint, encodeCheckpoint } from '../../src/mirror-client/checkpoint.ts'
import { OffsetMap } from '../../src/mirror-client/offset-map/offset-map.ts'
import {
  type MapRecord,
  type MapStart,
  PartitionMapWriter
} from '../../src/mirror-client/offset-map/partition-map-writer.ts'

/** Records of an offset map topic about one partition, in the order in which `mirror` tells them. */
export function mapRecords(
  start: Pick<MapStart, 'topic' | 'partition'> & Partial<MapStart>,
  mirror: (writer: PartitionMapWriter) => void,
  map = emptyMap()
): MapRecord[] {
  const beginning = { sourceTopicId: null, targetTopicId: null, targetLogEnd: 0n, position: 0n, isFresh: true }
  const writer = new PartitionMapWriter(map, { ...beginning, ...start })
  mirror(writer)
  const records = writer.take()
  for (const { key, value } of records) map.apply(key, value)
  return records
}

export function emptyMap(): OffsetMap {
  return new OffsetMap({
    onInvalid: (error) => {
      throw error
    }
  })
}

/** Records of a checkpoints topic. */
export function checkpointRecords(...checkpoints: (Partial<Checkpoint> & Pick<Checkpoint, 'topic'>)[]): MapRecord[] {
  const defaults = { consumerGroupId: 'billing', partition: 0, upstreamOffset: 0n, downstreamOffset: 0n, metadata: '' }
  return checkpoints.map((checkpoint) => encodeCheckpoint({ ...defaults, ...checkpoint }))
}

/** Ids of a topic as the brokers have it. */
export async function topicIdOf(cluster: Cluster, topic: string): Promise<Buffer | null> {
  const [described] = await cluster.describeTopics([topic])
  return described?.topicId ?? null
}
