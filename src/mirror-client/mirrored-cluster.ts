import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type TopicMetadata } from '../client/cluster.ts'
import { type TopicPartition, topicPartitionKey } from '../client/topic-partition.ts'
import { CheckpointTable } from './checkpoint-table.ts'
import { remoteOffset } from './exact-offset.ts'
import { OffsetMap } from './offset-map/offset-map.ts'
import { OffsetsTimeoutError } from './offsets-timeout-error.ts'
import { RemoteOffsetMap, sourceTopic, type TargetLog } from './remote-offset-map.ts'
import { RemoteOffsets } from './remote-offsets.ts'
import { offsetMapTopic, type ReplicationPolicy } from './replication-policy.ts'
import { type Deadline, type TargetCluster } from './target-cluster.ts'
import { hopsFrom, upstreamChain } from './upstream-chain.ts'

export interface MirroredClusterOptions {
  readonly cluster: TargetCluster
  readonly policy: ReplicationPolicy
  readonly logger: Logger
}

/** What the topics of a cluster say of the clusters that are mirrored to it. */
export class MirroredCluster {
  readonly policy: ReplicationPolicy
  readonly #cluster: TargetCluster
  readonly #logger: Logger

  constructor({ cluster, policy, logger }: MirroredClusterOptions) {
    this.#cluster = cluster
    this.policy = policy
    this.#logger = logger
  }

  async topics(kind: 'isHeartbeatsTopic' | 'isCheckpointsTopic', timeoutMs: number): Promise<Set<string>> {
    return await this.#topics((topic) => this.policy[kind](topic), this.#cluster.deadlineIn(timeoutMs))
  }

  async remoteTopics(source: string | undefined, timeoutMs: number): Promise<Set<string>> {
    const isRemote = (topic: string): boolean => {
      const from = this.policy.isInternalTopic(topic) ? null : this.policy.topicSource(topic)
      return from !== null && (source === undefined || from === source)
    }
    return await this.#topics(isRemote, this.#cluster.deadlineIn(timeoutMs))
  }

  async replicationHops(upstreamAlias: string, timeoutMs: number): Promise<number> {
    const heartbeats = await this.topics('isHeartbeatsTopic', timeoutMs)
    const hops = [...heartbeats]
      .map((topic) => hopsFrom(this.policy, topic, upstreamAlias))
      .filter((count) => count > 0)
    return hops.length === 0 ? -1 : Math.min(...hops)
  }

  async upstreamClusters(timeoutMs: number): Promise<Set<string>> {
    const heartbeats = await this.topics('isHeartbeatsTopic', timeoutMs)
    return new Set([...heartbeats].flatMap((topic) => upstreamChain(this.policy, topic)))
  }

  async offsetsOfGroup(group: string, alias: string, timeoutMs: number): Promise<RemoteOffsets> {
    const groups = await this.#offsets((id) => id === group, alias, timeoutMs)
    return groups.get(group) ?? new RemoteOffsets([])
  }

  async offsetsOfGroups(pattern: RegExp, alias: string, timeoutMs: number): Promise<Map<string, RemoteOffsets>> {
    const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))
    return await this.#offsets((id) => whole.test(id), alias, timeoutMs)
  }

  async offsetMap(alias: string, timeoutMs: number): Promise<RemoteOffsetMap> {
    const deadline = this.#cluster.deadlineIn(timeoutMs)
    const map = await this.#readOffsetMap(alias, deadline)
    if (map !== undefined) return map
    const topic = offsetMapTopic(this.policy, alias)
    throw new MirrorError(
      'MIRROR_NO_OFFSET_MAP',
      `${this.#cluster.name} has no topic ${topic}: ${alias} is not mirrored to it, or by Java, or with offset.map.enabled = false. ` +
        (await this.#knownAliases(deadline))
    )
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }

  async #topics(isWanted: (topic: string) => boolean, deadline: Deadline): Promise<Set<string>> {
    const topics = await this.#cluster.topics(deadline)
    return new Set(topics.flatMap(({ name }) => (isWanted(name) ? [name] : [])))
  }

  async #offsets(
    accepts: (group: string) => boolean,
    alias: string,
    timeoutMs: number
  ): Promise<Map<string, RemoteOffsets>> {
    const deadline = this.#cluster.deadlineIn(timeoutMs)
    const topic = this.policy.checkpointsTopic(alias)
    const table = new CheckpointTable({ topic, logger: this.#logger, accepts })
    try {
      await this.#requireCheckpoints(topic, alias, deadline)
      await this.#cluster.readToEnd(
        topic,
        (record) => {
          table.apply(record)
        },
        deadline
      )
      const checkpoints = [...table.groups.values()].flatMap((of) => [...of])
      const map = checkpoints.length === 0 ? undefined : await this.#mapIfAllowed(alias, checkpoints, deadline)
      return offsetsOf(table, map)
    } catch (thrown) {
      const isLate = thrown instanceof MirrorError && thrown.code === 'MIRROR_TIMEOUT'
      throw isLate ? new OffsetsTimeoutError(thrown, offsetsOf(table, undefined)) : thrown
    }
  }

  async #requireCheckpoints(topic: string, alias: string, deadline: Deadline): Promise<void> {
    if (await this.#cluster.hasTopic(topic, deadline)) return
    throw new MirrorError(
      'MIRROR_NO_CHECKPOINTS',
      `${this.#cluster.name} has no topic ${topic}: no checkpoints of ${alias}. ${await this.#knownAliases(deadline)}`
    )
  }

  async #knownAliases(deadline: Deadline): Promise<string> {
    const ending = this.policy.checkpointsTopic('')
    const topics = await this.#topics((topic) => this.policy.isCheckpointsTopic(topic), deadline)
    const aliases = [...topics].flatMap((topic) => {
      const alias = topic.slice(0, -ending.length)
      return this.policy.checkpointsTopic(alias) === topic ? [alias] : []
    })
    return aliases.length === 0
      ? 'There are no checkpoints of any cluster: is this the target, and does MirrorMaker run with emit.checkpoints.enabled?'
      : `There are checkpoints of ${aliases.sort().join(', ')}`
  }

  /** Who may read checkpoints need not be allowed to read the map: then nothing is made exact. */
  async #mapIfAllowed(
    alias: string,
    partitions: readonly TopicPartition[],
    deadline: Deadline
  ): Promise<RemoteOffsetMap | undefined> {
    try {
      return await this.#readOffsetMap(alias, deadline, partitions)
    } catch (thrown) {
      if (!(thrown instanceof MirrorError) || thrown.code !== 'MIRROR_AUTHORIZATION') throw thrown
      this.#logger.warn({ err: thrown, alias }, `The offset map may not be read; positions are not made exact`)
      return undefined
    }
  }

  /**
   * Undefined where there is none.
   * @param wanted target partitions that are going to be asked for; default: all that the map speaks of
   */
  async #readOffsetMap(
    alias: string,
    deadline: Deadline,
    wanted?: readonly TopicPartition[]
  ): Promise<RemoteOffsetMap | undefined> {
    const topic = offsetMapTopic(this.policy, alias)
    if (!(await this.#cluster.hasTopic(topic, deadline))) return undefined
    const map = new OffsetMap({
      onInvalid: (error) => {
        this.#logger.warn({ topic, err: error }, `${topic} holds records that are no part of an offset map`)
      }
    })
    await this.#cluster.readToEnd(
      topic,
      ({ key, value }) => {
        map.apply(key, value)
      },
      deadline
    )
    const isMapped = ({ topic: target, partition }: TopicPartition): boolean => {
      const source = sourceTopic(this.policy, alias, target)
      return source !== undefined && map.partition(source, partition) !== undefined
    }
    const topics = await this.#targetTopics(deadline, wanted)
    const logs = await this.#targetLogs(topics, isMapped, deadline)
    return new RemoteOffsetMap({
      map,
      policy: this.policy,
      alias,
      targetLog: (name, partition) => logs.get(topicPartitionKey(name, partition))
    })
  }

  async #targetTopics(deadline: Deadline, wanted?: readonly TopicPartition[]): Promise<TopicMetadata[]> {
    if (wanted === undefined) return await this.#cluster.topics(deadline)
    return await this.#cluster.describeTopics([...new Set(wanted.map(({ topic }) => topic))], deadline)
  }

  async #targetLogs(
    topics: readonly TopicMetadata[],
    isMapped: (partition: TopicPartition) => boolean,
    deadline: Deadline
  ): Promise<Map<string, TargetLog>> {
    const mapped = topics.flatMap(({ name, topicId, partitions }) =>
      partitions.map(({ partition }) => ({ topic: name, partition, topicId })).filter(isMapped)
    )
    const ends = await this.#cluster.logEnds(mapped, deadline)
    return new Map(
      mapped.flatMap(({ topic, partition, topicId }, index) => {
        const logEnd = ends[index] ?? -1n
        return logEnd < 0n ? [] : [[topicPartitionKey(topic, partition), { topicId, logEnd }]]
      })
    )
  }
}

function offsetsOf(table: CheckpointTable, map: RemoteOffsetMap | undefined): Map<string, RemoteOffsets> {
  return new Map(
    [...table.groups].map(([group, checkpoints]) => [
      group,
      new RemoteOffsets([...checkpoints].map((checkpoint) => remoteOffset(checkpoint, map)))
    ])
  )
}
