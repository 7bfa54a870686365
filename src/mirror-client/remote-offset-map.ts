import { type TopicPartition } from '../client/topic-partition.ts'
import { type OffsetMap } from './offset-map/offset-map.ts'
import { type PartitionMap } from './offset-map/partition-map.ts'
import { type ReplicationPolicy } from './replication-policy.ts'

/** A position in a partition of the other cluster. */
export interface TranslatedOffset extends TopicPartition {
  /** Offset of the next record to read; never ahead. */
  readonly offset: bigint
  /** True: precisely the record that was asked for, or the next one that exists. False: possibly some records before it. */
  readonly exact: boolean
}

/** What is known of a target partition: an offset map that speaks of another topic, or of a longer log, counts no more. */
export interface TargetLog {
  readonly topicId: Buffer | null
  readonly logEnd: bigint
}

type Naming = Pick<ReplicationPolicy, 'formatRemoteTopic' | 'upstreamTopic'>

export interface RemoteOffsetMapOptions {
  readonly map: Pick<OffsetMap, 'partition'>
  readonly policy: Naming
  /** Alias of the source. */
  readonly alias: string
  /** Undefined: there is no such partition, or its log cannot be looked at. */
  readonly targetLog: (topic: string, partition: number) => TargetLog | undefined
}

/**
 * Translates any position of one source cluster to this cluster and back, by the offset map as it was when it was read. What
 * the map does not cover is undefined, never guessed.
 */
export class RemoteOffsetMap {
  readonly #options: RemoteOffsetMapOptions

  constructor(options: RemoteOffsetMapOptions) {
    this.#options = options
  }

  /**
   * Where a reader of a source partition whose next offset is `offset` goes on in this cluster.
   * @param topic name at the source
   */
  translateOffset(topic: string, partition: number, offset: bigint): TranslatedOffset | undefined {
    const { policy, alias } = this.#options
    const target = policy.formatRemoteTopic(alias, topic)
    const translation = this.#mapOf(topic, target, partition)?.toTarget(offset)
    return translation === undefined ? undefined : { topic: target, partition, ...translation }
  }

  /**
   * The way back: where a reader of this cluster goes on at the source.
   * @param topic name on this cluster
   */
  translateOffsetBack(topic: string, partition: number, offset: bigint): TranslatedOffset | undefined {
    const source = this.sourceTopic(topic)
    if (source === undefined) return undefined
    const translation = this.#mapOf(source, topic, partition)?.toSource(offset)
    return translation === undefined ? undefined : { topic: source, partition, ...translation }
  }

  /** Name at the source of a topic of this cluster; undefined for one that is not from there. */
  sourceTopic(topic: string): string | undefined {
    return sourceTopic(this.#options.policy, this.#options.alias, topic)
  }

  #mapOf(source: string, target: string, partition: number): PartitionMap | undefined {
    const { map, targetLog } = this.#options
    const found = map.partition(source, partition)
    const log = found === undefined ? undefined : targetLog(target, partition)
    return found !== undefined && log !== undefined && fits(found, log) ? found : undefined
  }
}

/** Name at a source of a topic that is mirrored from there; undefined for another one. */
export function sourceTopic(policy: Naming, alias: string, topic: string): string | undefined {
  const upstream = policy.upstreamTopic(topic)
  return upstream !== null && policy.formatRemoteTopic(alias, upstream) === topic ? upstream : undefined
}

function fits(map: PartitionMap, { topicId, logEnd }: TargetLog): boolean {
  const { targetTopicId } = map
  // Brokers before 2.8 have no ids.
  if (targetTopicId !== null && topicId !== null && !targetTopicId.equals(topicId)) return false
  const mappedEnd = map.toTarget(map.coveredTo)?.offset ?? 0n
  return mappedEnd <= logEnd
}
