import { MirrorError } from '../base/errors.ts'
import { type IsolationLevel } from '../config/client-settings.ts'
import { listOffsets as listOffsetsApi, offsetSpec } from '../wire/api/02-list-offsets.ts'
import { brokerErrors, retriableErrors } from '../wire/error-codes.ts'
import { type Cluster, type PartitionLeader } from './cluster.ts'
import { type TopicPartition, groupByTopic, topicPartitionKey } from './topic-partition.ts'

/** Where in the log: its start, its end, or the first record at or after a time in milliseconds since the epoch. */
export type OffsetSpec = 'earliest' | 'latest' | bigint

export interface OffsetQuery extends TopicPartition {
  readonly at: OffsetSpec
}

export interface ListedOffset extends TopicPartition {
  /** Kafka error code of this partition; 0 when fine. 3 (unknown) and 5 (no leader) also when retries ran out. */
  readonly errorCode: number
  /** -1n when there is none (an error, or no record at or after the time). */
  readonly offset: bigint
  readonly timestamp: bigint
  readonly leaderEpoch: number
}

export interface ListOffsetsOptions {
  /** read_committed: `latest` is the last stable offset. Default read_uncommitted. */
  readonly isolation?: IsolationLevel
  readonly signal?: AbortSignal
}

/** Spaced as refreshes of metadata are, these follow an election for about five seconds. */
const mostAttempts = 10

/** A topic that was created just now is unknown for a moment; one that does not exist must not hold up the others. */
const mostAttemptsUnknown = 5

/** Short: when a broker is away its partitions get new leaders, and asking the old one again would not notice. */
const leaderDeadlineMs = 10_000

/**
 * Answers in the order of the queries; a partition may be asked about once a call. Moved leaders are followed; what
 * still fails carries its error code. Throws only when aborted or when the client is closed.
 */
export async function listOffsets(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions = {}
): Promise<ListedOffset[]> {
  const topics = new Set(queries.map((query) => query.topic))
  for (const topic of topics) cluster.follow(topic)
  try {
    return await listFollowed(cluster, queries, options)
  } finally {
    for (const topic of topics) cluster.unfollow(topic)
  }
}

/** Ends of logs by `topicPartitionKey`, without those that could not be asked about. Partitions may be named more than once. */
export async function logEnds(
  cluster: Cluster,
  partitions: readonly TopicPartition[]
): Promise<ReadonlyMap<string, bigint>> {
  const queries = new Map<string, OffsetQuery>()
  for (const { topic, partition } of partitions) {
    queries.set(topicPartitionKey(topic, partition), { topic, partition, at: 'latest' })
  }
  const ends = new Map<string, bigint>()
  for (const { topic, partition, offset, errorCode } of await listOffsets(cluster, [...queries.values()])) {
    if (errorCode === brokerErrors.NONE) ends.set(topicPartitionKey(topic, partition), offset)
  }
  return ends
}

async function listFollowed(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions
): Promise<ListedOffset[]> {
  const results = new Map<string, ListedOffset>()
  let open = queries
  for (let attempt = 0; attempt < mostAttempts && open.length > 0; attempt++) {
    // The first attempt goes by what is known; only topics that are news to the client cost a refresh.
    const isKnown = open.every((query) => cluster.topic(query.topic) !== undefined)
    if (attempt > 0 || !isKnown) await cluster.refreshed()
    const answers = await askLeaders(cluster, open, options)
    for (const answer of answers) results.set(topicPartitionKey(answer.topic, answer.partition), answer)
    open = open.filter((query) => isWorthRetrying(resultOf(results, query).errorCode, attempt + 1))
  }
  return queries.map((query) => resultOf(results, query))
}

function isWorthRetrying(errorCode: number, attempts: number): boolean {
  if (errorCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION) return attempts < mostAttemptsUnknown
  return retriableErrors.has(errorCode)
}

function resultOf(results: ReadonlyMap<string, ListedOffset>, { topic, partition }: OffsetQuery): ListedOffset {
  return (
    results.get(topicPartitionKey(topic, partition)) ?? failed({ topic, partition }, brokerErrors.NETWORK_EXCEPTION)
  )
}

async function askLeaders(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions
): Promise<ListedOffset[]> {
  const byLeader = new Map<number, (OffsetQuery & { leader: PartitionLeader })[]>()
  const answers: ListedOffset[] = []
  for (const query of queries) {
    const leader = cluster.leader(query.topic, query.partition)
    if (leader === undefined) {
      answers.push(failed(query, errorWithoutLeader(cluster, query)))
      continue
    }
    const group = byLeader.get(leader.nodeId) ?? []
    group.push({ ...query, leader })
    byLeader.set(leader.nodeId, group)
  }
  const perLeader = [...byLeader].map(([nodeId, group]) => askLeader(cluster, nodeId, group, options))
  return answers.concat(...(await Promise.all(perLeader)))
}

async function askLeader(
  cluster: Cluster,
  nodeId: number,
  queries: readonly (OffsetQuery & { leader: PartitionLeader })[],
  { isolation, signal }: ListOffsetsOptions
): Promise<ListedOffset[]> {
  const request = {
    isolationLevel: isolation === 'read_committed' ? 1 : 0,
    topics: groupByTopic(queries).map(([name, entries]) => ({
      name,
      partitions: entries.map(({ partition, at, leader }) => ({
        partition,
        timestamp: typeof at === 'bigint' ? at : offsetSpec[at],
        currentLeaderEpoch: leader.epoch
      }))
    }))
  }
  try {
    const target = { node: nodeId }
    const options = { deadlineMs: leaderDeadlineMs, ...(signal === undefined ? {} : { signal }) }
    const response = await cluster.request(target, listOffsetsApi, request, options)
    return response.topics.flatMap(({ name, partitions }) => partitions.map((one) => ({ topic: name, ...one })))
  } catch (thrown) {
    if (signal?.aborted === true || !(thrown instanceof MirrorError) || !thrown.retriable) throw thrown
    return queries.map((query) => failed(query, brokerErrors.NETWORK_EXCEPTION))
  }
}

function errorWithoutLeader(cluster: Cluster, { topic, partition }: OffsetQuery): number {
  const metadata = cluster.topic(topic)
  if (metadata === undefined) return brokerErrors.NETWORK_EXCEPTION
  if (metadata.errorCode !== brokerErrors.NONE) return metadata.errorCode
  const known = metadata.partitions.some((one) => one.partition === partition)
  return known ? brokerErrors.LEADER_NOT_AVAILABLE : brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
}

function failed({ topic, partition }: TopicPartition, errorCode: number): ListedOffset {
  return { topic, partition, errorCode, offset: -1n, timestamp: -1n, leaderEpoch: -1 }
}
