import { type Cluster } from './cluster.ts'

export interface TopicConfigEntry {
  readonly name: string
  /** Null when sensitive. */
  readonly value: string | null
  /** True when the value comes from the broker or from Kafka's own defaults, not from the topic. */
  readonly isDefault: boolean
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  /** Kafka's config source: 1 topic, 2 broker, 3 cluster-wide, 4 broker's file, 5 default; 0 from brokers before 1.1. */
  readonly source: number
}

export interface TopicConfigs {
  readonly topic: string
  /** Kafka error code of this topic alone; 0 when fine. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly entries: readonly TopicConfigEntry[]
}

export interface TopicConfigChange {
  readonly topic: string
  readonly name: string
  /** Null takes the topic's override away. */
  readonly value: string | null
}

export interface TopicConfigResult {
  readonly topic: string
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Configs of topics, in the order asked for. `names`: only these keys. */
export declare function describeTopicConfigs(
  cluster: Cluster,
  topics: readonly string[],
  names?: readonly string[]
): Promise<TopicConfigs[]>
/** Changes single keys and leaves the others (brokers since 2.3); one result per topic. */
export declare function alterTopicConfigs(
  cluster: Cluster,
  changes: readonly TopicConfigChange[]
): Promise<TopicConfigResult[]>
