import { type Clock, sleep } from '../base/clock.ts'
import { MirrorError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { createTopics } from '../wire/api/19-create-topics.ts'
import { authorizationFailed, brokerErrorName, brokerErrors, retriableErrors } from '../wire/error-codes.ts'
import { type Cluster } from './cluster.ts'
import { abortError } from './deadline.ts'
import { describeTopicConfigs } from './topic-configs.ts'

export interface InternalTopicOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly logger: Logger
  readonly topic: string
  /** Used when the topic has to be created; -1 is the broker's default. */
  readonly partitions: number
  /** A topic with more partitions is refused. Default: any number will do. */
  readonly maxPartitions?: number
  readonly replicationFactor: number
  /** Further topic settings for creation; `cleanup.policy` is always `compact`. */
  readonly configs: Readonly<Record<string, string>>
  /**
   * How long a creation that may succeed later is tried, and a topic that somebody else may create is waited for. Default a
   * minute for the first, half of it for the second.
   */
  readonly patienceMs?: number
}

/** As long as Java's Connect tries (default.api.timeout.ms): brokers that are still starting make replicas scarce. */
const createForMs = 60_000
const createTimeoutMs = 30_000
const createAgainMs = 500
const askAgainMs = 100
/** How long partitions of a topic that should exist may stay unknown. */
const visibleWithinMs = 30_000
/** The same of one that has just been created: a broker that makes ten thousand partitions shows none of them for minutes. */
const createdVisibleWithinMs = 600_000

/**
 * Creates the topic where it is missing, sees to it that its policy is exactly `compact`, and resolves to its partition
 * count. The topic must be followed. Where we may not create or read configs, an existing topic is taken as it is.
 * Throws MIRROR_INTERNAL_TOPIC, or a retriable error when the cluster cannot be reached.
 */
export async function ensureCompactedTopic(options: InternalTopicOptions, signal?: AbortSignal): Promise<number> {
  const { cluster, topic } = options
  const [known] = await cluster.describeTopics([topic])
  const isMissing = known?.errorCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
  const refusal = isMissing ? await create(options, signal) : null
  const partitionCount = await visiblePartitions(options, { isCreated: isMissing && refusal === null, refusal }, signal)
  checkPartitionCount(options, partitionCount)
  await checkPolicy(options, signal)
  return partitionCount
}

/** Null when the topic exists now, else what keeps us from creating it. */
async function create(options: InternalTopicOptions, signal?: AbortSignal): Promise<string | null> {
  const { clock, topic, logger, patienceMs = createForMs } = options
  const deadline = clock.monotonic() + patienceMs
  let warned = false
  for (;;) {
    const { errorCode, errorMessage } = await createOnce(options, signal)
    if (errorCode === brokerErrors.NONE || errorCode === brokerErrors.TOPIC_ALREADY_EXISTS) return null
    const reason = `${brokerErrorName(errorCode)}${errorMessage === null ? '' : `: ${errorMessage}`}`
    // Somebody else may create it: only when it does not turn up is this an error.
    if (authorizationFailed.has(errorCode)) return reason
    const mayPass =
      errorCode === brokerErrors.REQUEST_TIMED_OUT ||
      errorCode === brokerErrors.NOT_CONTROLLER ||
      errorCode === brokerErrors.THROTTLING_QUOTA_EXCEEDED ||
      errorCode === brokerErrors.INVALID_REPLICATION_FACTOR
    if (!mayPass || clock.monotonic() >= deadline) {
      throw internalTopicError(options, `cannot be created: ${reason}`, adviceFor(errorCode, topic))
    }
    if (!warned) {
      logger.warn(
        { topic, reason },
        `Internal topic ${topic} cannot be created yet; trying on for ${patienceMs / 1000} s (${reason})`
      )
      warned = true
    }
    await sleep(clock, createAgainMs, signal)
  }
}

async function createOnce(
  { cluster, topic, partitions, replicationFactor, configs }: InternalTopicOptions,
  signal?: AbortSignal
): Promise<{ readonly errorCode: number; readonly errorMessage: string | null }> {
  const settings = Object.entries({ ...configs, 'cleanup.policy': 'compact' })
  const newTopic = {
    name: topic,
    numPartitions: partitions,
    replicationFactor,
    configs: settings.map(([name, value]) => ({ name, value }))
  }
  const request = { topics: [newTopic], timeoutMs: createTimeoutMs, validateOnly: false }
  const options = signal === undefined ? {} : { signal }
  const { topics } = await cluster.request({ controller: true }, createTopics, request, options)
  return topics[0] ?? { errorCode: brokerErrors.UNKNOWN_SERVER_ERROR, errorMessage: null }
}

function adviceFor(errorCode: number, topic: string): string {
  if (errorCode === brokerErrors.INVALID_REPLICATION_FACTOR) {
    return 'Set its replication factor (such as offset.storage.replication.factor) to at most the number of brokers'
  }
  return `Check its settings in the configuration, or create ${topic} by hand with cleanup.policy=compact`
}

function checkPartitionCount(options: InternalTopicOptions, partitionCount: number): void {
  const { maxPartitions = Infinity, topic } = options
  if (partitionCount <= maxPartitions) return
  throw internalTopicError(
    options,
    `has ${partitionCount} partitions and may have ${maxPartitions}: what is in several has no order`,
    `Name another topic in the configuration, or stop all workers, delete ${topic} and let it be created again`
  )
}

async function checkPolicy(options: InternalTopicOptions, signal?: AbortSignal): Promise<void> {
  const { cluster, topic, logger, clock } = options
  const deadline = clock.monotonic() + visibleWithinMs
  let [described] = await describeTopicConfigs(cluster, [topic], ['cleanup.policy'])
  // Brokers learn of a new topic one after the other: the one that is asked may be late.
  while (retriableErrors.has(described?.errorCode ?? brokerErrors.NONE) && clock.monotonic() < deadline) {
    if (signal?.aborted === true) throw abortError(`Opening ${topic}`)
    await sleep(clock, askAgainMs, signal)
    described = (await describeTopicConfigs(cluster, [topic], ['cleanup.policy']))[0]
  }
  const policy = described?.entries.find((entry) => entry.name === 'cleanup.policy')?.value
  if (policy === undefined || policy === null) {
    const error = brokerErrorName(described?.errorCode ?? brokerErrors.UNKNOWN_SERVER_ERROR)
    logger.debug({ topic, error }, `The cleanup policy of ${topic} cannot be read; taken to be compact`)
    return
  }
  if (policy === 'compact') return
  throw internalTopicError(
    options,
    `has cleanup.policy=${policy}, which would delete stored state`,
    `Run kafka-configs --alter --entity-type topics --entity-name ${topic} --add-config cleanup.policy=compact`
  )
}

async function visiblePartitions(
  options: InternalTopicOptions,
  { isCreated, refusal }: { readonly isCreated: boolean; readonly refusal: string | null },
  signal?: AbortSignal
): Promise<number> {
  const { cluster, clock, topic, patienceMs = visibleWithinMs } = options
  const startedAtMs = clock.monotonic()
  for (;;) {
    const metadata = cluster.topic(topic)
    if (metadata?.errorCode === brokerErrors.NONE && metadata.partitions.length > 0) return metadata.partitions.length
    if (signal?.aborted === true) throw abortError(`Opening ${topic}`)
    const isOnItsWay = isCreated && metadata?.errorCode === brokerErrors.UNKNOWN_TOPIC_OR_PARTITION
    const waitMs = isOnItsWay ? Math.max(patienceMs, createdVisibleWithinMs) : patienceMs
    if (clock.monotonic() - startedAtMs >= waitMs) {
      if (metadata === undefined) {
        throw new MirrorError('MIRROR_NETWORK', `Cluster ${cluster.alias} does not answer`, { retriable: true })
      }
      const error = brokerErrorName(metadata.errorCode)
      const problem = refusal === null ? `is not visible (${error})` : `is missing and cannot be created: ${refusal}`
      throw internalTopicError(options, problem, `Create ${topic} by hand with cleanup.policy=compact`)
    }
    await cluster.refreshed()
  }
}

function internalTopicError({ cluster, topic }: InternalTopicOptions, problem: string, advice: string): MirrorError {
  return new MirrorError(
    'MIRROR_INTERNAL_TOPIC',
    `Internal topic ${topic} of cluster ${cluster.alias} ${problem}. ${advice}`
  )
}
