import { type MirrorError } from '../base/errors.ts'
import { offsetCommit } from '../wire/api/08-offset-commit.ts'
import { offsetFetch } from '../wire/api/09-offset-fetch.ts'
import { describeGroups } from '../wire/api/15-describe-groups.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { type TopicPartition, groupByTopic, topicPartitionKey } from './topic-partition.ts'

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

/** State of a classic group. Throws MIRROR_BROKER when the coordinator refuses (not authorised). */
export async function describeGroup(cluster: Cluster, groupId: string): Promise<GroupDescription> {
  const { groups } = await cluster.request({ group: groupId }, describeGroups, { groups: [groupId] })
  const group = groups.find((one) => one.groupId === groupId)
  const errorCode = group?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR
  if (errorCode === brokerErrors.GROUP_ID_NOT_FOUND) {
    return { groupId, state: 'Dead', protocolType: '', memberCount: 0, memberHosts: [] }
  }
  if (group === undefined || errorCode !== brokerErrors.NONE) throw refused(cluster, groupId, errorCode)
  const memberHosts = group.members.map((member) => `${member.clientId} (${member.clientHost})`)
  return {
    groupId,
    state: group.state,
    protocolType: group.protocolType,
    memberCount: group.members.length,
    memberHosts
  }
}

/**
 * Committed offsets of these partitions, or of all that the group has. Entries carry their own error code, such as
 * UNSTABLE_OFFSET_COMMIT during a transaction. Throws MIRROR_BROKER when the group as a whole is refused.
 */
export async function fetchGroupOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | 'all'
): Promise<GroupOffset[]> {
  const topics =
    partitions === 'all'
      ? null
      : groupByTopic(partitions).map(([name, entries]) => ({ name, partitions: entries.map((one) => one.partition) }))
  const request = { groupId, topics, requireStable: true }
  const response = await cluster.request({ group: groupId }, offsetFetch, request)
  if (response.errorCode === brokerErrors.GROUP_ID_NOT_FOUND) return []
  if (response.errorCode !== brokerErrors.NONE) throw refused(cluster, groupId, response.errorCode)
  return response.topics.flatMap((topic) => topic.partitions.map((fetched) => ({ topic: topic.name, ...fetched })))
}

/**
 * Commits without being a member: brokers take it while the group is empty. Returns the error code of each entry, in
 * order; UNKNOWN_MEMBER_ID (25) says that the group has members.
 */
export async function commitGroupOffsets(
  cluster: Cluster,
  groupId: string,
  commits: readonly OffsetCommit[]
): Promise<number[]> {
  const request = {
    groupId,
    generationId: -1,
    memberId: '',
    groupInstanceId: null,
    topics: groupByTopic(commits).map(([name, entries]) => ({
      name,
      partitions: entries.map(({ partition, offset, metadata }) => ({
        partition,
        offset,
        leaderEpoch: -1,
        metadata: metadata ?? ''
      }))
    }))
  }
  const response = await cluster.request({ group: groupId }, offsetCommit, request)
  const codes = new Map<string, number>()
  for (const { name, partitions } of response.topics) {
    for (const { partition, errorCode } of partitions) codes.set(topicPartitionKey(name, partition), errorCode)
  }
  return commits.map(
    ({ topic, partition }) => codes.get(topicPartitionKey(topic, partition)) ?? brokerErrors.UNKNOWN_SERVER_ERROR
  )
}

function refused(cluster: Cluster, groupId: string, errorCode: number): MirrorError {
  return brokerError(errorCode, `${cluster.alias}: group ${groupId}`)
}
