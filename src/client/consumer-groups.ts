import pLimit from 'p-limit'
import { asError, MirrorError } from '../base/errors.ts'
import { offsetCommit } from '../wire/api/08-offset-commit.ts'
import { type OffsetFetchTopic, offsetFetch, offsetFetchOfGroups } from '../wire/api/09-offset-fetch.ts'
import { describeGroups } from '../wire/api/15-describe-groups.ts'
import { consumerGroupDescribe } from '../wire/api/69-consumer-group-describe.ts'
import { brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { type KafkaCluster } from './kafka-cluster.ts'
import { type TopicPartition, groupByTopic, topicPartitionKey } from './topic-partition.ts'

export interface GroupDescription {
  readonly groupId: string
  /**
   * `Stable`, `Empty`, `Dead` (does not exist), `PreparingRebalance`, `CompletingRebalance`, and of the newer protocol
   * `Assigning`, `Reconciling`: as the broker says it.
   */
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

/** What knows which broker to ask about several groups at once. */
export type GroupCluster = Pick<KafkaCluster, 'alias' | 'request' | 'coordinatorOf'>

type RequestingCluster = Pick<Cluster, 'alias' | 'request'>

/** Keeps an answer below some megabytes, and one request from holding up a connection that others share. */
const groupsPerRequest = 100

const parallelRequests = 16

/**
 * State of a group, classic or of the newer protocol (KIP-848): to DescribeGroups the latter look as if they did not exist,
 * also while they have members. Throws MIRROR_BROKER when the coordinator refuses (not authorised).
 */
export async function describeGroup(cluster: RequestingCluster, groupId: string): Promise<GroupDescription> {
  const classic = await describeClassicGroup(cluster, groupId)
  if (classic.state !== 'Dead') return classic
  return (await describeConsumerGroup(cluster, groupId)) ?? classic
}

async function describeClassicGroup(cluster: RequestingCluster, groupId: string): Promise<GroupDescription> {
  const { groups } = await cluster.request({ group: groupId }, describeGroups, { groups: [groupId] })
  const group = groups.find((one) => one.groupId === groupId)
  const errorCode = group?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR
  if (errorCode === brokerErrors.GROUP_ID_NOT_FOUND) {
    return { groupId, state: 'Dead', protocolType: '', memberCount: 0, memberHosts: [] }
  }
  if (group === undefined || errorCode !== brokerErrors.NONE) throw refused(cluster, groupId, errorCode)
  const { state, protocolType, members } = group
  return { groupId, state, protocolType, ...membersOf(members) }
}

/** Undefined when there is no such group of the newer protocol, or the broker does not know that protocol. */
async function describeConsumerGroup(
  cluster: RequestingCluster,
  groupId: string
): Promise<GroupDescription | undefined> {
  const described = await unlessUnsupported(
    cluster.request({ group: groupId }, consumerGroupDescribe, { groups: [groupId] })
  )
  if (described === undefined) return undefined
  const group = described.groups.find((one) => one.groupId === groupId)
  const errorCode = group?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR
  // Brokers that know the API but have the protocol switched off say UNSUPPORTED_VERSION of each group.
  if (errorCode === brokerErrors.GROUP_ID_NOT_FOUND || errorCode === brokerErrors.UNSUPPORTED_VERSION) return undefined
  if (group === undefined || errorCode !== brokerErrors.NONE) throw refused(cluster, groupId, errorCode)
  return { groupId, state: group.state, protocolType: 'consumer', ...membersOf(group.members) }
}

/** Undefined when the broker does not offer the request in a version that is spoken here. */
async function unlessUnsupported<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (thrown) {
    if (thrown instanceof MirrorError && thrown.code === 'MIRROR_UNSUPPORTED_VERSION') return undefined
    throw thrown
  }
}

function membersOf(
  members: readonly { readonly clientId: string; readonly clientHost: string }[]
): Pick<GroupDescription, 'memberCount' | 'memberHosts'> {
  return {
    memberCount: members.length,
    memberHosts: members.map(({ clientId, clientHost }) => `${clientId} (${clientHost})`)
  }
}

/**
 * Committed offsets of these partitions, or of all that the group has. Entries carry their own error code, such as
 * UNSTABLE_OFFSET_COMMIT during a transaction. Throws MIRROR_BROKER when the group as a whole is refused.
 */
export async function fetchGroupOffsets(
  cluster: RequestingCluster,
  groupId: string,
  partitions: readonly TopicPartition[] | 'all'
): Promise<GroupOffset[]> {
  const topics =
    partitions === 'all'
      ? null
      : groupByTopic(partitions).map(([name, entries]) => ({ name, partitions: entries.map((one) => one.partition) }))
  const request = { groups: [{ groupId, topics }], requireStable: true }
  const { groups } = await cluster.request({ group: groupId }, offsetFetch, request)
  const group = groups[0] ?? { errorCode: brokerErrors.UNKNOWN_SERVER_ERROR, topics: [] }
  return offsetsOf(cluster, groupId, group)
}

/**
 * All committed offsets of many groups, by group: several a request where the brokers can (since 3.0). A group that cannot
 * be asked about has its error in place of the offsets, and leaves the others alone. Throws only when the client is closed.
 */
export async function fetchOffsetsOfGroups(
  cluster: GroupCluster,
  groupIds: readonly string[]
): Promise<Map<string, GroupOffset[] | Error>> {
  const results = new Map<string, GroupOffset[] | Error>()
  const limit = pLimit(parallelRequests)
  const byNode = new Map<number, string[]>()
  const note = async (groupId: string, fetching: Promise<GroupOffset[]>): Promise<void> => {
    results.set(groupId, await settled(fetching))
  }
  const locate = async (groupId: string): Promise<void> => {
    const nodeId = await settled(cluster.coordinatorOf(groupId))
    if (nodeId instanceof Error) results.set(groupId, nodeId)
    else byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), groupId])
  }
  await Promise.all(groupIds.map((groupId) => limit(locate, groupId)))
  const chunks = [...byNode].flatMap(([nodeId, owned]) => chunksOf(owned).map((groups) => ({ nodeId, groups })))
  const fetchChunk = async ({ nodeId, groups }: { nodeId: number; groups: string[] }): Promise<void> => {
    const fetched =
      groups.length === 1 ? new Map<string, GroupOffset[]>() : await fetchTogether(cluster, nodeId, groups)
    for (const [groupId, offsets] of fetched) results.set(groupId, offsets)
    // One by one: what the broker would not answer together, and with all retries what it no longer coordinates.
    for (const groupId of groups.filter((one) => !fetched.has(one))) {
      await note(groupId, fetchGroupOffsets(cluster, groupId, 'all'))
    }
  }
  await Promise.all(chunks.map((chunk) => limit(fetchChunk, chunk)))
  return results
}

/** Only the groups that the broker answered for without an error. */
async function fetchTogether(
  cluster: RequestingCluster,
  node: number,
  groupIds: readonly string[]
): Promise<Map<string, GroupOffset[]>> {
  const request = { groups: groupIds.map((groupId) => ({ groupId, topics: null })), requireStable: true }
  const answer = await settled(cluster.request({ node }, offsetFetchOfGroups, request))
  if (answer instanceof Error) return new Map()
  return new Map(
    answer.groups
      .filter(({ errorCode }) => errorCode === brokerErrors.NONE)
      .map((group) => [group.groupId, offsetsOf(cluster, group.groupId, group)])
  )
}

function offsetsOf(
  cluster: RequestingCluster,
  groupId: string,
  { errorCode, topics }: { readonly errorCode: number; readonly topics: readonly OffsetFetchTopic[] }
): GroupOffset[] {
  if (errorCode === brokerErrors.GROUP_ID_NOT_FOUND) return []
  if (errorCode !== brokerErrors.NONE) throw refused(cluster, groupId, errorCode)
  return topics.flatMap((topic) => topic.partitions.map((fetched) => ({ topic: topic.name, ...fetched })))
}

async function settled<T>(promise: Promise<T>): Promise<T | Error> {
  try {
    return await promise
  } catch (thrown) {
    if (thrown instanceof MirrorError && thrown.code === 'MIRROR_CLOSED') throw thrown
    return asError(thrown)
  }
}

function chunksOf(groupIds: readonly string[]): string[][] {
  const count = Math.ceil(groupIds.length / groupsPerRequest)
  return Array.from({ length: count }, (_, index) =>
    groupIds.slice(index * groupsPerRequest, (index + 1) * groupsPerRequest)
  )
}

/**
 * Commits without being a member: brokers take it while the group is empty. Returns the error code of each entry, in
 * order; UNKNOWN_MEMBER_ID (25) says that the group has members.
 */
export async function commitGroupOffsets(
  cluster: RequestingCluster,
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

function refused(cluster: RequestingCluster, groupId: string, errorCode: number): MirrorError {
  return brokerError(errorCode, `${cluster.alias}: group ${groupId}`)
}
