import { MirrorError } from '../base/errors.ts'

/** One of Kafka's error codes. */
export interface KafkaError {
  readonly code: number
  /** Whether the Java clients repeat the request by themselves (RetriableException, as of 4.3). */
  readonly retriable: boolean
  readonly meaning: string
}

const fatal = (code: number, meaning: string): KafkaError => ({ code, retriable: false, meaning })
const passing = (code: number, meaning: string): KafkaError => ({ code, retriable: true, meaning })

/** Every error code that brokers up to 4.3 know, by its name in the protocol. */
export const kafkaErrors = {
  UNKNOWN_SERVER_ERROR: fatal(-1, 'the broker failed unexpectedly; its log tells why'),
  NONE: fatal(0, 'no error'),
  OFFSET_OUT_OF_RANGE: fatal(1, 'the log holds no such offset, it was deleted or never written'),
  CORRUPT_MESSAGE: passing(2, 'the batch fails its checksum or is malformed, or a compacted topic got a null key'),
  UNKNOWN_TOPIC_OR_PARTITION: passing(3, 'the broker does not host the partition, or may not show it'),
  INVALID_FETCH_SIZE: fatal(4, 'the fetch size is out of range'),
  LEADER_NOT_AVAILABLE: passing(5, 'the partition has no leader at the moment'),
  NOT_LEADER_OR_FOLLOWER: passing(6, 'the broker no longer leads or replicates the partition'),
  REQUEST_TIMED_OUT: passing(7, 'the brokers did not finish the request in its time'),
  BROKER_NOT_AVAILABLE: fatal(8, 'the broker is not reachable'),
  REPLICA_NOT_AVAILABLE: passing(9, 'the broker has no replica of the partition yet'),
  MESSAGE_TOO_LARGE: fatal(10, 'the batch is larger than max.message.bytes of the topic'),
  STALE_CONTROLLER_EPOCH: fatal(11, 'the controller has moved'),
  OFFSET_METADATA_TOO_LARGE: fatal(12, 'the text beside the committed offset is too long'),
  NETWORK_EXCEPTION: passing(13, 'the connection ended before the answer'),
  COORDINATOR_LOAD_IN_PROGRESS: passing(14, 'the coordinator is still loading the group'),
  COORDINATOR_NOT_AVAILABLE: passing(15, 'the group has no coordinator at the moment'),
  NOT_COORDINATOR: passing(16, 'the broker no longer coordinates the group'),
  INVALID_TOPIC_EXCEPTION: fatal(17, 'the topic name is not allowed, or the topic may not be written'),
  RECORD_LIST_TOO_LARGE: fatal(18, 'the batch is larger than segment.bytes of the topic'),
  NOT_ENOUGH_REPLICAS: passing(19, 'fewer replicas are in sync than min.insync.replicas demands'),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: passing(20, 'written, but to fewer replicas than min.insync.replicas demands'),
  INVALID_REQUIRED_ACKS: fatal(21, 'acks is not -1, 0 or 1'),
  ILLEGAL_GENERATION: fatal(22, 'the group has moved on to another generation'),
  INCONSISTENT_GROUP_PROTOCOL: fatal(23, 'the group and this member share no protocol'),
  INVALID_GROUP_ID: fatal(24, 'the group id is not allowed'),
  UNKNOWN_MEMBER_ID: fatal(25, 'the group does not know this member'),
  INVALID_SESSION_TIMEOUT: fatal(26, 'the session timeout is outside what the broker allows'),
  REBALANCE_IN_PROGRESS: fatal(27, 'the group is rebalancing'),
  INVALID_COMMIT_OFFSET_SIZE: fatal(28, 'the commit is too large for the offsets topic'),
  TOPIC_AUTHORIZATION_FAILED: fatal(29, 'the principal lacks an ACL on the topic'),
  GROUP_AUTHORIZATION_FAILED: fatal(30, 'the principal lacks an ACL on the group'),
  CLUSTER_AUTHORIZATION_FAILED: fatal(31, 'the principal lacks an ACL on the cluster'),
  INVALID_TIMESTAMP: fatal(32, 'a record timestamp is outside what the topic allows'),
  UNSUPPORTED_SASL_MECHANISM: fatal(33, 'the listener does not offer the SASL mechanism'),
  ILLEGAL_SASL_STATE: fatal(34, 'the request does not belong to this step of authentication'),
  UNSUPPORTED_VERSION: fatal(35, 'the broker does not support this version of the request'),
  TOPIC_ALREADY_EXISTS: fatal(36, 'the topic exists already'),
  INVALID_PARTITIONS: fatal(37, 'the partition count is not allowed'),
  INVALID_REPLICATION_FACTOR: fatal(38, 'the replication factor is below 1 or above the number of brokers'),
  INVALID_REPLICA_ASSIGNMENT: fatal(39, 'the replica assignment is not possible'),
  INVALID_CONFIG: fatal(40, 'a topic or broker setting is not allowed'),
  NOT_CONTROLLER: passing(41, 'the broker is not the controller'),
  INVALID_REQUEST: fatal(42, 'the broker cannot make sense of the request'),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: fatal(43, 'the message format of the topic cannot do this'),
  POLICY_VIOLATION: fatal(44, 'a policy of the cluster forbids it'),
  OUT_OF_ORDER_SEQUENCE_NUMBER: fatal(45, 'a batch of this producer is missing before this one'),
  DUPLICATE_SEQUENCE_NUMBER: fatal(46, 'the batch was written before'),
  INVALID_PRODUCER_EPOCH: fatal(47, 'the producer id was taken over by a newer epoch'),
  INVALID_TXN_STATE: fatal(48, 'the transaction is in no state for this'),
  INVALID_PRODUCER_ID_MAPPING: fatal(49, 'the producer id does not belong to the transactional id'),
  INVALID_TRANSACTION_TIMEOUT: fatal(50, 'the transaction timeout is above transaction.max.timeout.ms'),
  CONCURRENT_TRANSACTIONS: passing(51, 'the previous transaction is still being completed'),
  TRANSACTION_COORDINATOR_FENCED: fatal(52, 'the transaction coordinator has moved'),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fatal(53, 'the principal lacks an ACL on the transactional id'),
  SECURITY_DISABLED: fatal(54, 'the cluster has no authorizer'),
  OPERATION_NOT_ATTEMPTED: fatal(55, 'left undone because another part of the request failed'),
  KAFKA_STORAGE_ERROR: passing(56, 'the broker has a disk error'),
  LOG_DIR_NOT_FOUND: fatal(57, 'the broker has no such log directory'),
  SASL_AUTHENTICATION_FAILED: fatal(58, 'the broker refused the credentials'),
  UNKNOWN_PRODUCER_ID: fatal(59, 'the broker has forgotten this producer'),
  REASSIGNMENT_IN_PROGRESS: fatal(60, 'partitions are being reassigned'),
  DELEGATION_TOKEN_AUTH_DISABLED: fatal(61, 'delegation tokens are disabled'),
  DELEGATION_TOKEN_NOT_FOUND: fatal(62, 'the delegation token is unknown'),
  DELEGATION_TOKEN_OWNER_MISMATCH: fatal(63, 'the delegation token belongs to somebody else'),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: fatal(64, 'delegation tokens cannot be requested on this connection'),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: fatal(65, 'the principal may not use the delegation token'),
  DELEGATION_TOKEN_EXPIRED: fatal(66, 'the delegation token has expired'),
  INVALID_PRINCIPAL_TYPE: fatal(67, 'the principal type is not supported'),
  NON_EMPTY_GROUP: fatal(68, 'the group has members'),
  GROUP_ID_NOT_FOUND: fatal(69, 'the group does not exist'),
  FETCH_SESSION_ID_NOT_FOUND: passing(70, 'the broker has dropped the fetch session'),
  INVALID_FETCH_SESSION_EPOCH: passing(71, 'the fetch session is at another epoch'),
  LISTENER_NOT_FOUND: passing(72, 'the leader has no listener of the name that metadata was asked on'),
  TOPIC_DELETION_DISABLED: fatal(73, 'topics cannot be deleted'),
  FENCED_LEADER_EPOCH: passing(74, 'the partition has a newer leader epoch'),
  UNKNOWN_LEADER_EPOCH: passing(75, 'the broker has not heard of this leader epoch yet'),
  UNSUPPORTED_COMPRESSION_TYPE: fatal(76, 'this version of the request cannot carry the compression type'),
  STALE_BROKER_EPOCH: fatal(77, 'the broker has registered anew'),
  OFFSET_NOT_AVAILABLE: passing(78, 'a new leader does not know its high watermark yet'),
  MEMBER_ID_REQUIRED: fatal(79, 'join again with the member id given'),
  PREFERRED_LEADER_NOT_AVAILABLE: passing(80, 'the preferred leader is away'),
  GROUP_MAX_SIZE_REACHED: fatal(81, 'the group is full'),
  FENCED_INSTANCE_ID: fatal(82, 'another member has taken over the group instance id'),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: passing(83, 'no replica can become the leader'),
  ELECTION_NOT_NEEDED: passing(84, 'the partition needs no new leader'),
  NO_REASSIGNMENT_IN_PROGRESS: fatal(85, 'the partition is not being reassigned'),
  GROUP_SUBSCRIBED_TO_TOPIC: fatal(86, 'the group consumes the topic'),
  INVALID_RECORD: fatal(87, 'the broker refuses a record of the batch'),
  UNSTABLE_OFFSET_COMMIT: passing(88, 'a transaction is about to change the committed offset'),
  THROTTLING_QUOTA_EXCEEDED: passing(89, 'the quota of such changes is used up for now'),
  PRODUCER_FENCED: fatal(90, 'another producer uses the transactional id'),
  RESOURCE_NOT_FOUND: fatal(91, 'the resource does not exist'),
  DUPLICATE_RESOURCE: fatal(92, 'the request names a resource twice'),
  UNACCEPTABLE_CREDENTIAL: fatal(93, 'the credential does not meet the rules'),
  INCONSISTENT_VOTER_SET: fatal(94, 'the controllers disagree on who votes'),
  INVALID_UPDATE_VERSION: fatal(95, 'the update is of another version'),
  FEATURE_UPDATE_FAILED: fatal(96, 'the feature could not be changed'),
  PRINCIPAL_DESERIALIZATION_FAILURE: fatal(97, 'brokers of the cluster disagree on how a principal is written'),
  SNAPSHOT_NOT_FOUND: fatal(98, 'the metadata snapshot does not exist'),
  POSITION_OUT_OF_RANGE: fatal(99, 'the position is outside the metadata snapshot'),
  UNKNOWN_TOPIC_ID: passing(100, 'the broker hosts no topic of this id'),
  DUPLICATE_BROKER_REGISTRATION: fatal(101, 'the broker id is in use'),
  BROKER_ID_NOT_REGISTERED: fatal(102, 'the broker id is not registered'),
  INCONSISTENT_TOPIC_ID: passing(103, 'the topic was deleted and created again with another id'),
  INCONSISTENT_CLUSTER_ID: fatal(104, 'the request is meant for another cluster'),
  TRANSACTIONAL_ID_NOT_FOUND: fatal(105, 'the transactional id is unknown'),
  FETCH_SESSION_TOPIC_ID_ERROR: passing(106, 'the fetch session mixes topic names and ids'),
  INELIGIBLE_REPLICA: fatal(107, 'a replica cannot be in sync now'),
  NEW_LEADER_ELECTED: fatal(108, 'the partition got a new leader meanwhile'),
  OFFSET_MOVED_TO_TIERED_STORAGE: fatal(109, 'the offset is in remote storage only'),
  FENCED_MEMBER_EPOCH: fatal(110, 'the group has fenced this member'),
  UNRELEASED_INSTANCE_ID: fatal(111, 'another member still holds the group instance id'),
  UNSUPPORTED_ASSIGNOR: fatal(112, 'the group does not support the assignor'),
  STALE_MEMBER_EPOCH: fatal(113, 'the member has a newer epoch'),
  MISMATCHED_ENDPOINT_TYPE: fatal(114, 'the request was sent to the wrong kind of node'),
  UNSUPPORTED_ENDPOINT_TYPE: fatal(115, 'the kind of node is not supported'),
  UNKNOWN_CONTROLLER_ID: fatal(116, 'the controller id is unknown'),
  UNKNOWN_SUBSCRIPTION_ID: fatal(117, 'the telemetry subscription is unknown'),
  TELEMETRY_TOO_LARGE: fatal(118, 'the telemetry is too large'),
  INVALID_REGISTRATION: fatal(119, 'the controller refuses the registration'),
  TRANSACTION_ABORTABLE: fatal(120, 'the transaction has to be aborted'),
  INVALID_RECORD_STATE: fatal(121, 'the record cannot be acknowledged so'),
  SHARE_SESSION_NOT_FOUND: passing(122, 'the share session is unknown'),
  INVALID_SHARE_SESSION_EPOCH: passing(123, 'the share session is at another epoch'),
  FENCED_STATE_EPOCH: fatal(124, 'the share group is at another epoch'),
  INVALID_VOTER_KEY: fatal(125, 'the voter key belongs to another node'),
  DUPLICATE_VOTER: fatal(126, 'the voter is there already'),
  VOTER_NOT_FOUND: fatal(127, 'there is no such voter'),
  INVALID_REGULAR_EXPRESSION: fatal(128, 'the regular expression is not valid'),
  REBOOTSTRAP_REQUIRED: fatal(129, 'the client has to start over from its bootstrap servers'),
  STREAMS_INVALID_TOPOLOGY: fatal(130, 'the streams topology is not valid'),
  STREAMS_INVALID_TOPOLOGY_EPOCH: fatal(131, 'the streams topology epoch is not valid'),
  STREAMS_TOPOLOGY_FENCED: fatal(132, 'the streams topology is outdated'),
  SHARE_SESSION_LIMIT_REACHED: passing(133, 'the broker holds as many share sessions as it may')
} as const satisfies Record<string, KafkaError>

export type KafkaErrorName = keyof typeof kafkaErrors

const byCode = new Map(Object.entries(kafkaErrors).map(([name, error]) => [error.code, { ...error, name }]))

/** The name of an error code; `ERROR_<code>` for those that are not in the table. */
export function kafkaErrorName(code: number): string {
  return byCode.get(code)?.name ?? `ERROR_${code}`
}

/** A code that the table does not know counts as not retriable. */
export function isRetriable(code: number): boolean {
  return byCode.get(code)?.retriable ?? false
}

/** A broker answered with an error code. */
export class BrokerError extends MirrorError {
  /** Kafka's number, to be compared with `kafkaErrors`. */
  readonly kafkaCode: number

  constructor(kafkaCode: number, message: string) {
    super('MIRROR_BROKER', message, { retriable: isRetriable(kafkaCode) })
    this.kafkaCode = kafkaCode
  }
}

/**
 * The error for a code in a response. `context` says what was asked of whom, as in
 * `B: Produce to A.orders-3`; `detail` is the text that some responses carry.
 */
export function brokerError(code: number, context: string, detail: string | null = null): BrokerError {
  const meaning = byCode.get(code)?.meaning ?? 'an error code this program does not know'
  const said = detail === null || detail === '' ? '' : ` (broker: ${detail})`
  return new BrokerError(code, `${context}: ${kafkaErrorName(code)} [${code}], ${meaning}${said}`)
}

const codes = (...names: KafkaErrorName[]): ReadonlySet<number> => new Set(names.map((name) => kafkaErrors[name].code))

/** The partition is to be looked for elsewhere: refresh the metadata, then try again (InvalidMetadataException). */
export const leaderMoved = codes(
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'LISTENER_NOT_FOUND',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID'
)

/** Ask for the coordinator again, then try again. */
export const coordinatorMoved = codes('COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR')

/** An operator has to grant something first. */
export const authorizationFailed = codes(
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
)

/** The next fetch has to open a new session. */
export const fetchSessionLost = codes(
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'FETCH_SESSION_TOPIC_ID_ERROR'
)
