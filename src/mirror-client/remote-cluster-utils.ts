import { MirrorClient } from './mirror-client.ts'
import type { MirrorClientConfig } from './mirror-client-config.ts'
import type { TranslatedOffset } from './remote-offset-map.ts'
import { type RemoteOffsets } from './remote-offsets.ts'

/** A position in a partition. */
export interface Position {
  readonly topic: string
  readonly partition: number
  /** Offset of the next record to read. */
  readonly offset: bigint
}

/** The calls of MirrorClient one by one: each connects, asks, and disconnects. Who asks more than once makes a MirrorClient. */
export const RemoteClusterUtils = {
  /** See MirrorClient.replicationHops. */
  async replicationHops(config: MirrorClientConfig, upstreamAlias: string): Promise<number> {
    return await once(config, (client) => client.replicationHops(upstreamAlias))
  },

  /** See MirrorClient.heartbeatTopics. */
  async heartbeatTopics(config: MirrorClientConfig): Promise<ReadonlySet<string>> {
    return await once(config, (client) => client.heartbeatTopics())
  },

  /** See MirrorClient.checkpointTopics. */
  async checkpointTopics(config: MirrorClientConfig): Promise<ReadonlySet<string>> {
    return await once(config, (client) => client.checkpointTopics())
  },

  /** See MirrorClient.upstreamClusters. */
  async upstreamClusters(config: MirrorClientConfig): Promise<ReadonlySet<string>> {
    return await once(config, (client) => client.upstreamClusters())
  },

  translateOffsets,

  /**
   * Where a reader of a source partition goes on in this cluster; undefined where the offset map does not cover the position.
   * @param position topic by its name at the source
   * @throws MirrorError MIRROR_NO_OFFSET_MAP
   */
  async translateOffset(
    config: MirrorClientConfig,
    remoteAlias: string,
    { topic, partition, offset }: Position,
    timeoutMs: number
  ): Promise<TranslatedOffset | undefined> {
    const map = await once(config, (client) => client.offsetMap(remoteAlias, timeoutMs))
    return map.translateOffset(topic, partition, offset)
  },

  /** The way back. @param position topic by its name on this cluster */
  async translateOffsetBack(
    config: MirrorClientConfig,
    remoteAlias: string,
    { topic, partition, offset }: Position,
    timeoutMs: number
  ): Promise<TranslatedOffset | undefined> {
    const map = await once(config, (client) => client.offsetMap(remoteAlias, timeoutMs))
    return map.translateOffsetBack(topic, partition, offset)
  }
} as const

/** See MirrorClient.remoteConsumerOffsets; the order of the arguments is the reference's. */
async function translateOffsets(
  config: MirrorClientConfig,
  remoteAlias: string,
  group: string,
  timeoutMs: number
): Promise<RemoteOffsets>
async function translateOffsets(
  config: MirrorClientConfig,
  remoteAlias: string,
  groups: RegExp,
  timeoutMs: number
): Promise<ReadonlyMap<string, RemoteOffsets>>
async function translateOffsets(
  config: MirrorClientConfig,
  remoteAlias: string,
  groups: string | RegExp,
  timeoutMs: number
): Promise<RemoteOffsets | ReadonlyMap<string, RemoteOffsets>> {
  return await once(config, async (client) =>
    typeof groups === 'string'
      ? await client.remoteConsumerOffsets(groups, remoteAlias, timeoutMs)
      : await client.remoteConsumerOffsets(groups, remoteAlias, timeoutMs)
  )
}

async function once<T>(config: MirrorClientConfig, call: (client: MirrorClient) => Promise<T>): Promise<T> {
  const client = new MirrorClient(config)
  try {
    return await call(client)
  } finally {
    await client.close()
  }
}
