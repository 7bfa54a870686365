import { MirrorError } from '../base/errors.ts'
// Types alone, so that nothing of them is loaded.
import type { MirroredCluster } from './mirrored-cluster.ts'
import type { MirrorClientConfig } from './mirror-client-config.ts'
import type { MirrorClientOptions } from './open-mirrored-cluster.ts'
import type { RemoteOffsetMap } from './remote-offset-map.ts'
import { type RemoteOffsets } from './remote-offsets.ts'
import { type ReplicationPolicy } from './replication-policy.ts'

/** How long a call without a time limit of its own may take. */
const defaultTimeoutMs = 60_000

/**
 * What a cluster that MirrorMaker writes to knows of the clusters it mirrors: topics, hops, and where consumer groups go on. For
 * applications that fail over; works while the source is away. Connects at the first call, and stays connected until `close`.
 *
 * Calls reject with MirrorError: MIRROR_CONFIG_INVALID or MIRROR_PLUGIN for a config that cannot be used, MIRROR_TIMEOUT when the
 * time was not enough (an empty answer is a complete one), MIRROR_AUTHORIZATION, MIRROR_AUTHENTICATION, MIRROR_TLS, MIRROR_CLOSED.
 */
export class MirrorClient {
  readonly #config: MirrorClientConfig
  readonly #options: MirrorClientOptions
  #opened: Promise<MirroredCluster> | undefined
  #isClosed = false

  constructor(config: MirrorClientConfig, options: MirrorClientOptions = {}) {
    this.#config = config
    this.#options = options
  }

  /** How remote topics are named. */
  async replicationPolicy(): Promise<ReplicationPolicy> {
    return (await this.#cluster()).policy
  }

  /** Fewest hops between a cluster and this one, by the heartbeats that have come from there; -1 for none. */
  async replicationHops(upstreamAlias: string): Promise<number> {
    return await (await this.#cluster()).replicationHops(upstreamAlias, defaultTimeoutMs)
  }

  /** Names of heartbeat topics, this cluster's own and mirrored ones. */
  async heartbeatTopics(): Promise<ReadonlySet<string>> {
    return await (await this.#cluster()).topics('isHeartbeatsTopic', defaultTimeoutMs)
  }

  async checkpointTopics(): Promise<ReadonlySet<string>> {
    return await (await this.#cluster()).topics('isCheckpointsTopic', defaultTimeoutMs)
  }

  /** Aliases of all clusters that heartbeats have come from, over any number of hops. */
  async upstreamClusters(): Promise<ReadonlySet<string>> {
    return await (await this.#cluster()).upstreamClusters(defaultTimeoutMs)
  }

  /** Topics that are mirrored from elsewhere. @param source alias of the cluster that they came from in their last hop; default: any */
  async remoteTopics(source?: string): Promise<ReadonlySet<string>> {
    return await (await this.#cluster()).remoteTopics(source, defaultTimeoutMs)
  }

  /** Whether a topic holds heartbeats, by its name. */
  async isHeartbeatTopic(topic: string): Promise<boolean> {
    return (await this.replicationPolicy()).isHeartbeatsTopic(topic)
  }

  /** Whether a topic holds checkpoints, by its name. */
  async isCheckpointTopic(topic: string): Promise<boolean> {
    return (await this.replicationPolicy()).isCheckpointsTopic(topic)
  }

  /**
   * Where a consumer group of another cluster goes on in this one, by its newest checkpoints; exact where the offset map covers
   * them. Empty where the group has none.
   * @throws MirrorError MIRROR_NO_CHECKPOINTS where nothing is mirrored from such an alias; OffsetsTimeoutError (MIRROR_TIMEOUT)
   */
  async remoteConsumerOffsets(group: string, remoteAlias: string, timeoutMs: number): Promise<RemoteOffsets>
  /** The same for all groups whose whole id matches. */
  async remoteConsumerOffsets(
    groups: RegExp,
    remoteAlias: string,
    timeoutMs: number
  ): Promise<ReadonlyMap<string, RemoteOffsets>>
  async remoteConsumerOffsets(
    groups: string | RegExp,
    remoteAlias: string,
    timeoutMs: number
  ): Promise<RemoteOffsets | ReadonlyMap<string, RemoteOffsets>> {
    const cluster = await this.#cluster()
    return typeof groups === 'string'
      ? await cluster.offsetsOfGroup(groups, remoteAlias, timeoutMs)
      : await cluster.offsetsOfGroups(groups, remoteAlias, timeoutMs)
  }

  /**
   * Reads the offset map of a source, to translate any position (an outbox table, a savepoint) and back.
   * @throws MirrorError MIRROR_NO_OFFSET_MAP where there is none: the source is mirrored by Java, or `offset.map.enabled` is false
   */
  async offsetMap(remoteAlias: string, timeoutMs: number): Promise<RemoteOffsetMap> {
    return await (await this.#cluster()).offsetMap(remoteAlias, timeoutMs)
  }

  /** Ends running calls. */
  async close(): Promise<void> {
    this.#isClosed = true
    const cluster = await this.#opened?.catch(() => undefined)
    await cluster?.close()
  }

  async #cluster(): Promise<MirroredCluster> {
    if (this.#isClosed) throw new MirrorError('MIRROR_CLOSED', 'The mirror client is closed')
    const opened = (this.#opened ??= this.#open())
    try {
      return await opened
    } catch (thrown) {
      // What failed may pass: a list of brokers that is a call to somewhere.
      if (this.#opened === opened) this.#opened = undefined
      throw thrown
    }
  }

  async #open(): Promise<MirroredCluster> {
    // Only with the first call: importing the library costs an application next to nothing.
    const { openMirroredCluster } = await import('./open-mirrored-cluster.ts')
    return await openMirroredCluster(this.#config, this.#options)
  }
}
