import { configResourceType, configSource, describeConfigs } from '../wire/api/32-describe-configs.ts'
import { alterConfigs } from '../wire/api/33-alter-configs.ts'
import {
  alterConfigOperation,
  incrementalAlterConfigs,
  type AlteredConfigs
} from '../wire/api/44-incremental-alter-configs.ts'
import { brokerErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'

export interface TopicConfigEntry {
  readonly name: string
  /** Null when sensitive. */
  readonly value: string | null
  /** True when the value comes from the broker or from Kafka's own defaults, not from the topic. */
  readonly isDefault: boolean
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  /** One of `configSource`. */
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

/** A broker answers for about 35 keys a topic; this keeps an answer near 2 MB. */
const topicsPerRequest = 500

/** Configs of topics, in the order asked for; errors are per topic. `names`: only these keys. */
export async function describeTopicConfigs(
  cluster: Cluster,
  topics: readonly string[],
  names?: readonly string[]
): Promise<TopicConfigs[]> {
  const described: TopicConfigs[] = []
  for (let from = 0; from < topics.length; from += topicsPerRequest) {
    const resources = topics
      .slice(from, from + topicsPerRequest)
      .map((name) => ({ type: configResourceType.topic, name, keys: names ?? null }))
    const request = { resources, includeSynonyms: false }
    const response = await cluster.request({ any: true }, describeConfigs, request)
    const byTopic = new Map(response.resources.map((resource) => [resource.name, resource]))
    for (const { name: topic } of resources) {
      const resource = byTopic.get(topic)
      if (resource === undefined) {
        described.push({ topic, errorCode: brokerErrors.UNKNOWN_SERVER_ERROR, errorMessage: null, entries: [] })
        continue
      }
      const { errorCode, errorMessage } = resource
      const entries = resource.configs.map(({ name, value, readOnly, sensitive, source }) => ({
        name,
        value,
        isDefault: source !== configSource.topic,
        isReadOnly: readOnly,
        isSensitive: sensitive,
        source
      }))
      described.push({ topic, errorCode, errorMessage, entries })
    }
  }
  return described
}

/** Changes single keys and leaves the others (brokers since 2.3); one result per topic, in order of first mention. */
export async function alterTopicConfigs(
  cluster: Cluster,
  changes: readonly TopicConfigChange[]
): Promise<TopicConfigResult[]> {
  const byTopic = new Map<string, { name: string; operation: number; value: string | null }[]>()
  for (const { topic, name, value } of changes) {
    const operation = value === null ? alterConfigOperation.delete : alterConfigOperation.set
    const configs = byTopic.get(topic) ?? []
    configs.push({ name, operation, value })
    byTopic.set(topic, configs)
  }
  const resources = [...byTopic].map(([name, configs]) => ({ type: configResourceType.topic, name, configs }))
  const request = { resources, validateOnly: false }
  const response = await cluster.request({ controller: true }, incrementalAlterConfigs, request)
  return resultsOf([...byTopic.keys()], response)
}

/** All settings that a topic is to have of its own. */
export interface OwnTopicConfigs {
  readonly topic: string
  readonly configs: Readonly<Record<string, string>>
}

/** Replaces everything that the topics have set of their own: the only way before brokers of 2.3. One result per topic. */
export async function replaceTopicConfigs(
  cluster: Cluster,
  topics: readonly OwnTopicConfigs[]
): Promise<TopicConfigResult[]> {
  const resources = topics.map(({ topic, configs }) => ({
    type: configResourceType.topic,
    name: topic,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value }))
  }))
  const request = { resources, validateOnly: false }
  const response = await cluster.request({ controller: true }, alterConfigs, request)
  return resultsOf(
    topics.map(({ topic }) => topic),
    response
  )
}

function resultsOf(topics: readonly string[], response: AlteredConfigs): TopicConfigResult[] {
  const results = new Map(response.resources.map((resource) => [resource.name, resource]))
  return topics.map((topic) => {
    const result = results.get(topic)
    return {
      topic,
      errorCode: result?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR,
      errorMessage: result?.errorMessage ?? null
    }
  })
}
