/** A source connector between two clusters that are no more than lists of topics. */
import { type NewTopic, type TargetAdmin, type TopicConfigChange } from '../../src/admin/forwarding-admin.ts'
import { MirrorError } from '../../src/base/errors.ts'
import { type Logger, silentLogger } from '../../src/base/logger.ts'
import { type TopicAcl } from '../../src/client/acls.ts'
import { type TopicMetadata } from '../../src/client/cluster.ts'
import { type TopicConfigs } from '../../src/client/topic-configs.ts'
import { type MirrorSourceSettings } from '../../src/mirror/source/mirror-source-config.ts'
import {
  MirrorSourceConnector,
  type MirrorSourceConnectorOptions
} from '../../src/mirror/source/mirror-source-connector.ts'
import { DefaultReplicationPolicy } from '../../src/mirror-client/default-replication-policy.ts'
import { ManualClock } from './manual-clock.ts'

/** A cluster as far as the connector looks at one: partition counts by topic. */
class FakeCluster {
  readonly topics = new Map<string, number>()
  readonly errors = new Map<string, number>()
  readonly internal = new Set<string>()
  failure: MirrorError | undefined
  isReachable = true
  listings = 0

  describeTopics(): Promise<TopicMetadata[]> {
    this.listings += 1
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const described = Array.from(this.topics, ([name, count]) => ({
      name,
      errorCode: this.errors.get(name) ?? 0,
      topicId: null,
      isInternal: this.internal.has(name),
      partitions: Array.from({ length: this.errors.has(name) ? 0 : count }, (_, partition) => ({
        partition,
        errorCode: 0,
        leader: 1,
        leaderEpoch: 0
      }))
    }))
    return Promise.resolve(described)
  }
}

class FakeAdmin implements TargetAdmin {
  readonly created: NewTopic[] = []
  readonly enlarged: string[] = []
  readonly altered: TopicConfigChange[] = []
  readonly acls: string[] = []
  alteration: Promise<readonly []> = Promise.resolve([])
  readonly refusals = new Map<string, string>()
  readonly #target: FakeCluster

  constructor(target: FakeCluster) {
    this.#target = target
  }

  createTopic(topic: NewTopic): Promise<boolean> {
    const refusal = this.refusals.get(topic.topic)
    if (refusal !== undefined) return Promise.reject(new MirrorError('MIRROR_BROKER', refusal))
    this.created.push(topic)
    this.#target.topics.set(topic.topic, topic.partitions)
    return Promise.resolve(true)
  }

  createPartitions(topic: string, totalCount: number): Promise<boolean> {
    const refusal = this.refusals.get(topic)
    if (refusal !== undefined) return Promise.reject(new MirrorError('MIRROR_BROKER', refusal))
    this.enlarged.push(`${topic}:${totalCount}`)
    this.#target.topics.set(topic, totalCount)
    return Promise.resolve(true)
  }

  alterTopicConfigs(changes: readonly TopicConfigChange[]): Promise<readonly []> {
    this.altered.push(...changes)
    return this.alteration
  }

  replaceTopicConfigs(): Promise<readonly []> {
    return Promise.reject(new Error('not to be called here'))
  }

  createAcls(acls: readonly { readonly topic: string }[]): Promise<readonly []> {
    this.acls.push(...acls.map(({ topic }) => topic))
    return Promise.resolve([])
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

type Plugins = Pick<MirrorSourceConnectorOptions, 'policy' | 'topicFilter' | 'configPropertyFilter'>

export interface SourceConnectorUnderTest {
  readonly clock: ManualClock
  readonly source: FakeCluster
  readonly target: FakeCluster
  readonly admin: FakeAdmin
  readonly warnings: string[]
  readonly infos: string[]
  /** What is told of the configs of a topic, of either side; by default that it has none. */
  readonly configs: Map<string, Partial<TopicConfigs>>
  /** Of the source. */
  readonly acls: TopicAcl[]
  readonly raised: Error[]
  readonly connector: MirrorSourceConnector
  readonly start: () => Promise<void>
  readonly assigned: (maxTasks?: number) => (string | undefined)[]
  readonly reconfigurations: () => number
}

export function sourceConnectorUnderTest(
  sourceTopics: Record<string, number>,
  changes: Partial<MirrorSourceSettings> = {},
  plugins: Partial<Plugins> = {}
): SourceConnectorUnderTest {
  const clock = new ManualClock()
  const source = new FakeCluster()
  const target = new FakeCluster()
  for (const [topic, count] of Object.entries(sourceTopics)) source.topics.set(topic, count)
  const admin = new FakeAdmin(target)
  const warnings: string[] = []
  const infos: string[] = []
  const logger: Logger = {
    ...silentLogger,
    warn: (_, message) => warnings.push(message),
    info: (_, message) => infos.push(message)
  }
  const configs = new Map<string, Partial<TopicConfigs>>()
  const acls: TopicAcl[] = []
  const raised: Error[] = []
  let reconfigurations = 0
  const described = (topic: string): TopicConfigs => ({
    ...{ topic, errorCode: 0, errorMessage: null, entries: [] },
    ...configs.get(topic)
  })
  const connector = new MirrorSourceConnector({
    settings: {
      enabled: true,
      sourceAlias: 'A',
      targetAlias: 'B',
      replicationFactor: 2,
      replicateHeartbeats: true,
      refreshTopicsIntervalMs: 600_000,
      syncTopicConfigsIntervalMs: null,
      incrementalAlterConfigs: 'requested',
      syncTopicAclsIntervalMs: null,
      adminTimeoutMs: 60_000,
      properties: { name: 'x' },
      ...changes
    },
    policy: new DefaultReplicationPolicy(),
    topicFilter: { shouldReplicateTopic: (topic) => !topic.startsWith('no') && topic !== 'heartbeats' },
    configPropertyFilter: { shouldReplicateConfigProperty: (name) => name !== 'min.insync.replicas' },
    createOffsetSyncsTopic: null,
    ...plugins,
    source,
    target,
    targetAdmin: admin,
    describeSourceConfigs: (topics) => Promise.resolve(topics.map(described)),
    describeTargetConfigs: (topics) => Promise.resolve(topics.map(described)),
    describeSourceAcls: () => Promise.resolve(acls),
    describeTargetAcls: () => Promise.resolve([]),
    clock,
    random: () => 0.5,
    logger
  })
  const start = async (): Promise<void> => {
    await connector.start({
      requestTaskReconfiguration: () => {
        reconfigurations += 1
      },
      raiseError: (error) => raised.push(error)
    })
  }
  const assigned = (maxTasks = 1): (string | undefined)[] =>
    connector.taskConfigs(maxTasks).map((config) => config['task.assigned.partitions'])
  return {
    clock,
    source,
    target,
    admin,
    warnings,
    infos,
    configs,
    acls,
    raised,
    connector,
    start,
    assigned,
    reconfigurations: () => reconfigurations
  }
}
