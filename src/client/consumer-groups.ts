import { type Cluster } from './cluster.ts'
import { type TopicPartition } from './topic-partition.ts'

export interface GroupDescription {
  readonly groupId: string
  /** `Stable`, `Empty`, `Dead` (does not exist), `PreparingRebalance`, `CompletingRebalance`, ... as the broker says it. */
  readonly state: string
  /** `consumer`, `connect`, or empty. */
  readonly protocolType: string
  readonly memberCount: number
  /** Client id and host of each member, for messages: `connect-1 (/10.0.0.7)`. */
  readonly memberHosts: readonly string[]
}

export interface GroupOffset extends TopicPartition {
  /** -1n when nothing is committed. */
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string | null
  readonly errorCode: number
}

export interface OffsetCommit extends TopicPartition {
  readonly offset: bigint
  readonly metadata?: string
}

/** Throws MIRROR_BROKER when the coordinator refuses (not authorised). */
export declare function describeGroup(cluster: Cluster, groupId: string): Promise<GroupDescription>
/** Committed offsets of these partitions, or of all that the group has. */
export declare function fetchGroupOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | 'all'
): Promise<GroupOffset[]>
/** Commits without being a member: brokers take it while the group is empty. Returns the error code of each entry. */
export declare function commitGroupOffsets(
  cluster: Cluster,
  groupId: string,
  commits: readonly OffsetCommit[]
): Promise<number[]>
