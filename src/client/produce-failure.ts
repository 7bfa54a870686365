import { MirrorError } from '../base/errors.ts'
import { brokerErrorName, brokerErrors } from '../wire/error-codes.ts'
import { type ProducePartitionResponse } from '../wire/api/00-produce.ts'

/**
 * What a failure of a partition calls for.
 *
 * - `connection`: whether the batch landed is unknown; the same bytes again, as soon as there is a connection
 * - `leader`: somebody else leads the partition: fresh metadata, then again
 * - `retry`: passes by itself: again after a while
 * - `unclear`: can be passing or for ever: a few tries, then as `blocked`
 * - `sequence`: the broker's state of our producer is not ours: a new producer id
 * - `too-large`: split
 * - `blocked`: an operator must act; tried slowly
 */
type FailureKind = 'connection' | 'leader' | 'retry' | 'unclear' | 'sequence' | 'too-large' | 'blocked'

/**
 * Failures after which the batch may be in the log all the same. Among answers too: a leader that resigns while it waits
 * for its replicas says NOT_LEADER_OR_FOLLOWER of a batch that they have.
 */
export const leavesOutcomeOpen: ReadonlySet<FailureKind> = new Set(['connection', 'leader', 'retry', 'unclear'])

export interface ProduceFailure {
  readonly kind: FailureKind
  readonly error: MirrorError
}

interface Treatment {
  readonly kind: FailureKind
  readonly advice: string
}

const leaderMoves: Treatment = { kind: 'leader', advice: 'the leader is looked up again' }
const newProducer: Treatment = { kind: 'sequence', advice: 'a new producer id is taken' }
const passes: Treatment = { kind: 'retry', advice: 'it is sent again' }
const split: Treatment = { kind: 'too-large', advice: 'the batch is split' }
const unclear: Treatment = { kind: 'unclear', advice: "see the target broker's log" }
const replicas: Treatment = {
  kind: 'retry',
  advice: 'fewer replicas are in sync than min.insync.replicas asks for; bring the missing target brokers back'
}

function blocked(advice: string): Treatment {
  return { kind: 'blocked', advice }
}

const treatments = new Map<number, Treatment>([
  [brokerErrors.UNKNOWN_SERVER_ERROR, unclear],
  [
    brokerErrors.CORRUPT_MESSAGE,
    { kind: 'unclear', advice: 'the batch is damaged, most likely at the source already: check it there' }
  ],
  [
    brokerErrors.UNKNOWN_TOPIC_OR_PARTITION,
    { kind: 'leader', advice: 'create the topic, or allow Describe on it, where it does not come by itself' }
  ],
  [brokerErrors.LEADER_NOT_AVAILABLE, leaderMoves],
  [brokerErrors.NOT_LEADER_OR_FOLLOWER, leaderMoves],
  [brokerErrors.REQUEST_TIMED_OUT, passes],
  [brokerErrors.BROKER_NOT_AVAILABLE, leaderMoves],
  [brokerErrors.REPLICA_NOT_AVAILABLE, leaderMoves],
  [brokerErrors.MESSAGE_TOO_LARGE, split],
  [brokerErrors.NETWORK_EXCEPTION, leaderMoves],
  [brokerErrors.COORDINATOR_LOAD_IN_PROGRESS, passes],
  [brokerErrors.CONCURRENT_TRANSACTIONS, passes],
  [brokerErrors.INVALID_TOPIC, blocked('the target takes no such topic name')],
  [brokerErrors.RECORD_LIST_TOO_LARGE, split],
  [brokerErrors.NOT_ENOUGH_REPLICAS, replicas],
  [brokerErrors.NOT_ENOUGH_REPLICAS_AFTER_APPEND, replicas],
  [brokerErrors.INVALID_REQUIRED_ACKS, blocked('set producer acks to all')],
  [brokerErrors.TOPIC_AUTHORIZATION_FAILED, blocked('allow this principal to Write to the topic')],
  [
    brokerErrors.CLUSTER_AUTHORIZATION_FAILED,
    blocked('allow this principal IdempotentWrite on the target cluster (brokers before 2.8)')
  ],
  [
    brokerErrors.INVALID_TIMESTAMP,
    blocked("raise message.timestamp.after.max.ms (or .before.max.ms) of the target topic to take the record's time")
  ],
  [brokerErrors.UNSUPPORTED_VERSION, blocked('the target broker is too old')],
  [brokerErrors.INVALID_REQUEST, blocked("see the target broker's log")],
  [
    brokerErrors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
    blocked('set message.format.version of the target topic to 0.11 or newer')
  ],
  [brokerErrors.POLICY_VIOLATION, blocked('a policy of the target cluster forbids it')],
  [brokerErrors.OUT_OF_ORDER_SEQUENCE_NUMBER, newProducer],
  [brokerErrors.INVALID_PRODUCER_EPOCH, newProducer],
  [brokerErrors.INVALID_PRODUCER_ID_MAPPING, newProducer],
  [brokerErrors.KAFKA_STORAGE_ERROR, leaderMoves],
  [brokerErrors.UNKNOWN_PRODUCER_ID, newProducer],
  [brokerErrors.FENCED_LEADER_EPOCH, leaderMoves],
  [brokerErrors.UNKNOWN_LEADER_EPOCH, leaderMoves],
  [
    brokerErrors.UNSUPPORTED_COMPRESSION_TYPE,
    blocked('the target takes no such codec: upgrade it, or set producer compression.type to one that it takes')
  ],
  [brokerErrors.THROTTLING_QUOTA_EXCEEDED, passes],
  [brokerErrors.PRODUCER_FENCED, newProducer],
  [brokerErrors.UNKNOWN_TOPIC_ID, leaderMoves],
  [brokerErrors.INCONSISTENT_TOPIC_ID, leaderMoves]
])

/** Total: an error code that this program does not know counts as `unclear`. `where` names cluster and topic-partition. */
export function produceFailure(where: string, answer: ProducePartitionResponse): ProduceFailure {
  const { kind, advice } =
    answer.errorCode === brokerErrors.INVALID_RECORD
      ? invalidRecord(answer)
      : (treatments.get(answer.errorCode) ?? unclear)
  const said = answer.errorMessage === null ? '' : ` "${answer.errorMessage}"`
  const message = `${where}: the broker answered ${brokerErrorName(answer.errorCode)}${said}: ${advice}`
  return { kind, error: new MirrorError('MIRROR_BROKER', message, { retriable: kind !== 'blocked' }) }
}

/**
 * INVALID_RECORD means two things: with record errors the content is refused (a null key into a compacted topic), without
 * any the shape of the batch is.
 */
function invalidRecord(answer: ProducePartitionResponse): Treatment {
  const [first] = answer.recordErrors
  if (first === undefined) return blocked('a batch is malformed, or has a null key for a compacted topic')
  return blocked(
    `record ${first.batchIndex} of the batch is refused (${first.message ?? 'no reason given'}): ` +
      'a compacted topic takes no null key; change cleanup.policy of the target topic, or leave the topic out'
  )
}

/** The broker answered the request but left the partition out. */
export function noAnswer(where: string): ProduceFailure {
  const message = `${where}: the broker's answer does not mention the partition`
  return { kind: 'unclear', error: new MirrorError('MIRROR_PROTOCOL', message, { retriable: true }) }
}

export function unsupportedCodec(where: string): ProduceFailure {
  const message =
    `${where}: the target broker is too old for zstd (2.1 is the first): upgrade it, or set producer compression.type ` +
    'to another codec'
  return { kind: 'blocked', error: new MirrorError('MIRROR_UNSUPPORTED_VERSION', message) }
}

export function unsupportedByBroker({ host, port }: { readonly host: string; readonly port: number }): MirrorError {
  return new MirrorError(
    'MIRROR_UNSUPPORTED_VERSION',
    `Broker ${host}:${port} speaks no version of Produce that takes record batches: Kafka 0.11 is the first`
  )
}

export function lostConnection(where: string, cause: Error): ProduceFailure {
  const message = `${where}: the connection was lost before the answer: ${cause.message}`
  return { kind: 'connection', error: new MirrorError('MIRROR_NETWORK', message, { retriable: true, cause }) }
}
