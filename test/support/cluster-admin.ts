/** What tests do to a cluster and ask it, through kafkajs: no JVM to start, and independent of the program's own client. */
import kafkajs, { type Admin } from 'kafkajs'
import { calmRequestQueue } from '../../src/admin/kafkajs-remedies.ts'
import { cleanUpAfterFile } from './real-cluster.ts'
import { waitUntil } from './wait-until.ts'

const {
  Kafka,
  logLevel,
  ConfigResourceTypes,
  AclResourceTypes,
  AclOperationTypes,
  AclPermissionTypes,
  ResourcePatternTypes
} = kafkajs

export interface LogEnds {
  readonly start: bigint
  readonly end: bigint
}

export class ClusterAdmin {
  readonly #admin: Admin

  constructor(admin: Admin) {
    this.#admin = admin
  }

  async createTopic(
    topic: string,
    numPartitions = 1,
    configs: Readonly<Record<string, string>> = {},
    replicationFactor = 1
  ): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await this.#admin.createTopics({
      topics: [{ topic, numPartitions, replicationFactor, configEntries }],
      waitForLeaders: false
    })
    // kafkajs' own wait gives up at once where the broker does not know the topic yet.
    await waitUntil(`${topic} has leaders`, async () => {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions.every(({ leader }) => leader >= 0)
    })
  }

  async createPartitions(topic: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count }] })
  }

  async deleteRecordsBefore(topic: string, partition: number, offset: bigint): Promise<void> {
    // kafkajs looks for the leader before it asks for the metadata of a topic that is new to it.
    await this.logEnds(topic)
    await this.#admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
  }

  /** The group must have no members. */
  async commitGroupOffset(groupId: string, topic: string, partition: number, offset: bigint): Promise<void> {
    await this.#admin.setOffsets({ groupId, topic, partitions: [{ partition, offset: String(offset) }] })
  }

  async topics(): Promise<string[]> {
    return (await this.#admin.listTopics()).sort()
  }

  /** Start and end of the log of each partition, in order. @throws where there is no such topic */
  async logEnds(topic: string): Promise<LogEnds[]> {
    const offsets = await this.#admin.fetchTopicOffsets(topic)
    return offsets
      .sort((a, b) => a.partition - b.partition)
      .map(({ low, high }) => ({ start: BigInt(low), end: BigInt(high) }))
  }

  /** Offsets in use, all partitions together; 0 where there is no such topic. Markers and gaps count too. */
  async offsetCount(topic: string): Promise<number> {
    if (!(await this.#admin.listTopics()).includes(topic)) return 0
    return (await this.logEnds(topic)).reduce((sum, { start, end }) => sum + Number(end - start), 0)
  }

  async partitionCount(topic: string): Promise<number> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.length ?? 0
  }

  /** Settings that the topic has of its own. */
  async ownConfigs(topic: string): Promise<Record<string, string>> {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }]
    const answer = await this.#admin.describeConfigs({ resources, includeSynonyms: false })
    const entries = (answer.resources[0]?.configEntries ?? []) as readonly ConfigEntry[]
    return Object.fromEntries(
      entries
        .filter(({ configSource }) => configSource === topicOverride)
        .map(({ configName, configValue }) => [configName, configValue])
    )
  }

  /** Replaces what the topic has of its own. */
  async setOwnConfigs(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }]
    await this.#admin.alterConfigs({ validateOnly: false, resources })
  }

  /** Entries for literal names and any host, as `allow topic orders alice READ` or `deny cluster kafka-cluster bob ALL`. */
  async addAcls(entries: readonly string[]): Promise<void> {
    const acl = entries.map((entry) => {
      const [permission = '', resource = '', resourceName = '', user = '', operation = ''] = entry.split(' ')
      return {
        resourceType: AclResourceTypes[resource.toUpperCase() as keyof typeof AclResourceTypes],
        resourceName,
        resourcePatternType: ResourcePatternTypes.LITERAL,
        principal: `User:${user}`,
        host: '*',
        operation: AclOperationTypes[operation as keyof typeof AclOperationTypes],
        permissionType: AclPermissionTypes[permission.toUpperCase() as keyof typeof AclPermissionTypes]
      }
    })
    await this.#admin.createAcls({ acl })
  }

  /** Entries about the topic in the words of `addAcls`, sorted. */
  async topicAcls(topic: string): Promise<string[]> {
    const { resources } = await this.#admin.describeAcls({
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY
    })
    const entries = resources.flatMap(({ acls }) => acls)
    const lines = entries.map(({ principal, operation, permissionType }) => {
      const permission = wordOf(AclPermissionTypes, permissionType).toLowerCase()
      return `${permission} topic ${topic} ${principal.slice('User:'.length)} ${wordOf(AclOperationTypes, operation)}`
    })
    return lines.sort()
  }
}

/** kafkajs has no names by number, whatever its types say. */
function wordOf(words: object, number: number): string {
  return Object.entries(words).find(([, value]) => value === number)?.[0] ?? String(number)
}

/** As the broker answers; kafkajs' types have it otherwise. */
interface ConfigEntry {
  readonly configName: string
  readonly configValue: string
  readonly configSource: number
}

const topicOverride = 1

/** Admins that are closed when the file has ended. */
export function clusterAdmins(): (cluster: { readonly bootstrapServers: string }) => Promise<ClusterAdmin> {
  const register = cleanUpAfterFile()
  return async ({ bootstrapServers }) => {
    calmRequestQueue()
    const admin = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    register(() => admin.disconnect())
    return new ClusterAdmin(admin)
  }
}
