/** What MirrorSourceConnector itself reads of its settings, in units. */
export interface MirrorSourceSettings {
  /** False: the connector does nothing at all. */
  readonly enabled: boolean
  readonly sourceAlias: string
  readonly targetAlias: string
  /** Replication factor of new remote topics; -1 leaves it to the target broker. */
  readonly replicationFactor: number
  /** Mirror heartbeat topics even if the topic filter says no. */
  readonly replicateHeartbeats: boolean
  /** Time between discoveries; null when refresh.topics.enabled is false or the interval is negative. */
  readonly refreshTopicsIntervalMs: number | null
  /** Longest that a start may wait for discovery and creation of topics. */
  readonly adminTimeoutMs: number
  /** The connector's settings as text; each task's config is these plus its index and partitions. */
  readonly properties: Readonly<Record<string, string>>
}
