import { isDeepStrictEqual } from 'node:util'
import { type Clock } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { type Random } from '../base/random.ts'
import { type ClientSettings } from '../config/client-settings.ts'
import { type TopicMetadata } from '../client/cluster.ts'
import { withinLimits } from '../client/deadline.ts'
import { connectCluster, type KafkaCluster } from '../client/kafka-cluster.ts'
import { listOffsets } from '../client/list-offsets.ts'
import { LogReader, type LogRecord } from '../client/log-reader.ts'
import { LogTail } from '../client/log-tail.ts'
import { type TopicPartition } from '../client/topic-partition.ts'
import { type OpenConnection } from '../net/connection.ts'
import { authorizationFailed, BrokerError, brokerError, brokerErrors } from '../wire/error-codes.ts'
import { type MirrorClientSettings } from './mirror-client-config.ts'

export interface TargetClusterServices {
  /** Of the cluster, for messages. Default: its addresses. */
  readonly alias?: string
  readonly openConnection: OpenConnection
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Until when a call may take: `clock.monotonic()` time. */
export type Deadline = number

/** The cluster that an application reads mirrored topics of: asked for topics, and for what internal ones hold. */
export class TargetCluster {
  readonly #services: TargetClusterServices
  readonly #admin: KafkaCluster
  readonly #consumer: KafkaCluster

  /** Starts connecting. Both clients are one where their settings are the same. */
  constructor({ admin, consumer }: Pick<MirrorClientSettings, 'admin' | 'consumer'>, services: TargetClusterServices) {
    this.#services = services
    this.#admin = this.#connect(admin)
    this.#consumer = isDeepStrictEqual(admin, consumer) ? this.#admin : this.#connect(consumer)
  }

  /** For messages. */
  get name(): string {
    return this.#consumer.alias
  }

  deadlineIn(timeoutMs: number): Deadline {
    return this.#services.clock.monotonic() + timeoutMs
  }

  /** Those that may be seen, without the brokers' own. */
  async topics(deadline: Deadline): Promise<TopicMetadata[]> {
    const topics = await this.#within(deadline, `Listing the topics of ${this.name}`, this.#admin, () =>
      this.#admin.describeTopics('all')
    )
    return topics.filter(({ isInternal }) => !isInternal)
  }

  /** Topics that are missing or must not be seen have an error code. */
  async describeTopics(topics: readonly string[], deadline: Deadline): Promise<TopicMetadata[]> {
    return await this.#within(deadline, `Looking up topics of ${this.name}`, this.#consumer, () =>
      this.#consumer.describeTopics(topics)
    )
  }

  /** @throws MirrorError MIRROR_AUTHORIZATION where it must not be seen, if there is one */
  async hasTopic(name: string, deadline: Deadline): Promise<boolean> {
    const [topic] = await this.describeTopics([name], deadline)
    const errorCode = topic?.errorCode ?? brokerErrors.NONE
    if (authorizationFailed.has(errorCode)) {
      throw noPermission(brokerError(errorCode, `${this.name}: looking up ${name}`))
    }
    // Of a name that no topic can have, out of a misspelled alias, brokers say that it is invalid.
    return errorCode !== brokerErrors.UNKNOWN_TOPIC_OR_PARTITION && errorCode !== brokerErrors.INVALID_TOPIC
  }

  /** Ends of the logs; -1n for partitions that cannot be asked for now. */
  async logEnds(partitions: readonly TopicPartition[], deadline: Deadline): Promise<bigint[]> {
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const }))
    const found = await this.#within(deadline, `Asking ${this.name} for log ends`, this.#consumer, (signal) =>
      listOffsets(this.#consumer, queries, { signal })
    )
    return found.map(({ errorCode, offset }) => (errorCode === brokerErrors.NONE ? offset : -1n))
  }

  /**
   * Hands over what partition 0 of a topic holds, up to its end at the time of the call.
   * @throws MirrorError MIRROR_TIMEOUT, MIRROR_AUTHORIZATION
   */
  async readToEnd(topic: string, onRecord: (record: LogRecord) => void, deadline: Deadline): Promise<void> {
    const cluster = this.#consumer
    const reader = this.#reader(topic, onRecord)
    try {
      await this.#within(deadline, `Reading ${topic} of ${this.name}`, cluster, (signal) => read(reader, signal))
    } finally {
      cluster.unfollow(topic)
    }
  }

  /** The same, and once it has resolved what is written later, until `signal` aborts. */
  async follow(topic: string, onRecord: (record: LogRecord) => void, signal: AbortSignal): Promise<void> {
    const reader = this.#reader(topic, onRecord)
    await read(reader, signal)
    reader.isFollowed = true
    const { clock, logger } = this.#services
    new LogTail({ cluster: this.#consumer, clock, logger, topic, partitionCount: 1, reader, signal }).start()
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#consumer.close()])
  }

  #connect(settings: ClientSettings): KafkaCluster {
    const addresses = settings.bootstrapServers.map(({ host, port }) => `${host}:${port}`).join(',')
    return connectCluster({ alias: addresses, settings, ...this.#services })
  }

  #reader(topic: string, onRecord: (record: LogRecord) => void): LogReader {
    const { logger } = this.#services
    this.#consumer.follow(topic)
    return new LogReader({ cluster: this.#consumer, logger, topic, isolation: 'read_uncommitted', onRecord })
  }

  async #within<T>(
    deadline: Deadline,
    what: string,
    cluster: KafkaCluster,
    run: (signal: AbortSignal) => Promise<T>
  ): Promise<T> {
    const { clock } = this.#services
    const ending = new AbortController()
    try {
      return await withinLimits(run(ending.signal), { clock, deadline, what })
    } catch (thrown) {
      const isLate = thrown instanceof MirrorError && thrown.code === 'MIRROR_TIMEOUT'
      if (!isLate || cluster.isReachable) throw thrown
      const message = `${what}: no broker could be reached in time. Check the addresses, and security.protocol or ssl`
      throw new MirrorError('MIRROR_TIMEOUT', message, { retriable: true, cause: thrown })
    } finally {
      ending.abort()
    }
  }
}

async function read(reader: LogReader, signal: AbortSignal): Promise<void> {
  try {
    await reader.readToEnd(1, signal)
  } catch (thrown) {
    throw thrown instanceof BrokerError && authorizationFailed.has(thrown.brokerCode) ? noPermission(thrown) : thrown
  }
}

function noPermission(cause: BrokerError): MirrorError {
  const advice = 'grant Describe and Read on it to the user that this client is authenticated as'
  return new MirrorError('MIRROR_AUTHORIZATION', `${cause.message}: ${advice}`, { cause })
}
