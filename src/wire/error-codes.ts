import { MirrorError } from '../base/errors.ts'

/** Every error code that brokers up to 4.3 know, by its name in the protocol. */
export const brokerErrors = {
  UNKNOWN_SERVER_ERROR: -1,
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  CORRUPT_MESSAGE: 2,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  INVALID_FETCH_SIZE: 4,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  BROKER_NOT_AVAILABLE: 8,
  REPLICA_NOT_AVAILABLE: 9,
  MESSAGE_TOO_LARGE: 10,
  STALE_CONTROLLER_EPOCH: 11,
  OFFSET_METADATA_TOO_LARGE: 12,
  NETWORK_EXCEPTION: 13,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  INVALID_TOPIC: 17,
  RECORD_LIST_TOO_LARGE: 18,
  NOT_ENOUGH_REPLICAS: 19,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 20,
  INVALID_REQUIRED_ACKS: 21,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  INVALID_GROUP_ID: 24,
  UNKNOWN_MEMBER_ID: 25,
  INVALID_SESSION_TIMEOUT: 26,
  REBALANCE_IN_PROGRESS: 27,
  INVALID_COMMIT_OFFSET_SIZE: 28,
  TOPIC_AUTHORIZATION_FAILED: 29,
  GROUP_AUTHORIZATION_FAILED: 30,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  INVALID_TIMESTAMP: 32,
  UNSUPPORTED_SASL_MECHANISM: 33,
  ILLEGAL_SASL_STATE: 34,
  UNSUPPORTED_VERSION: 35,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_CONFIG: 40,
  NOT_CONTROLLER: 41,
  INVALID_REQUEST: 42,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 43,
  POLICY_VIOLATION: 44,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  DUPLICATE_SEQUENCE_NUMBER: 46,
  INVALID_PRODUCER_EPOCH: 47,
  INVALID_TXN_STATE: 48,
  INVALID_PRODUCER_ID_MAPPING: 49,
  INVALID_TRANSACTION_TIMEOUT: 50,
  CONCURRENT_TRANSACTIONS: 51,
  TRANSACTION_COORDINATOR_FENCED: 52,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 53,
  SECURITY_DISABLED: 54,
  OPERATION_NOT_ATTEMPTED: 55,
  KAFKA_STORAGE_ERROR: 56,
  LOG_DIR_NOT_FOUND: 57,
  SASL_AUTHENTICATION_FAILED: 58,
  UNKNOWN_PRODUCER_ID: 59,
  REASSIGNMENT_IN_PROGRESS: 60,
  DELEGATION_TOKEN_AUTH_DISABLED: 61,
  DELEGATION_TOKEN_NOT_FOUND: 62,
  DELEGATION_TOKEN_OWNER_MISMATCH: 63,
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: 64,
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: 65,
  DELEGATION_TOKEN_EXPIRED: 66,
  INVALID_PRINCIPAL_TYPE: 67,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
  FETCH_SESSION_ID_NOT_FOUND: 70,
  INVALID_FETCH_SESSION_EPOCH: 71,
  LISTENER_NOT_FOUND: 72,
  TOPIC_DELETION_DISABLED: 73,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  UNSUPPORTED_COMPRESSION_TYPE: 76,
  STALE_BROKER_EPOCH: 77,
  OFFSET_NOT_AVAILABLE: 78,
  MEMBER_ID_REQUIRED: 79,
  PREFERRED_LEADER_NOT_AVAILABLE: 80,
  GROUP_MAX_SIZE_REACHED: 81,
  FENCED_INSTANCE_ID: 82,
  ELIGIBLE_LEADERS_NOT_AVAILABLE: 83,
  ELECTION_NOT_NEEDED: 84,
  NO_REASSIGNMENT_IN_PROGRESS: 85,
  GROUP_SUBSCRIBED_TO_TOPIC: 86,
  INVALID_RECORD: 87,
  UNSTABLE_OFFSET_COMMIT: 88,
  THROTTLING_QUOTA_EXCEEDED: 89,
  PRODUCER_FENCED: 90,
  RESOURCE_NOT_FOUND: 91,
  DUPLICATE_RESOURCE: 92,
  UNACCEPTABLE_CREDENTIAL: 93,
  INCONSISTENT_VOTER_SET: 94,
  INVALID_UPDATE_VERSION: 95,
  FEATURE_UPDATE_FAILED: 96,
  PRINCIPAL_DESERIALIZATION_FAILURE: 97,
  SNAPSHOT_NOT_FOUND: 98,
  POSITION_OUT_OF_RANGE: 99,
  UNKNOWN_TOPIC_ID: 100,
  DUPLICATE_BROKER_REGISTRATION: 101,
  BROKER_ID_NOT_REGISTERED: 102,
  INCONSISTENT_TOPIC_ID: 103,
  INCONSISTENT_CLUSTER_ID: 104,
  TRANSACTIONAL_ID_NOT_FOUND: 105,
  FETCH_SESSION_TOPIC_ID_ERROR: 106,
  INELIGIBLE_REPLICA: 107,
  NEW_LEADER_ELECTED: 108,
  OFFSET_MOVED_TO_TIERED_STORAGE: 109,
  FENCED_MEMBER_EPOCH: 110,
  UNRELEASED_INSTANCE_ID: 111,
  UNSUPPORTED_ASSIGNOR: 112,
  STALE_MEMBER_EPOCH: 113,
  MISMATCHED_ENDPOINT_TYPE: 114,
  UNSUPPORTED_ENDPOINT_TYPE: 115,
  UNKNOWN_CONTROLLER_ID: 116,
  UNKNOWN_SUBSCRIPTION_ID: 117,
  TELEMETRY_TOO_LARGE: 118,
  INVALID_REGISTRATION: 119,
  TRANSACTION_ABORTABLE: 120,
  INVALID_RECORD_STATE: 121,
  SHARE_SESSION_NOT_FOUND: 122,
  INVALID_SHARE_SESSION_EPOCH: 123,
  FENCED_STATE_EPOCH: 124,
  INVALID_VOTER_KEY: 125,
  DUPLICATE_VOTER: 126,
  VOTER_NOT_FOUND: 127,
  INVALID_REGULAR_EXPRESSION: 128,
  REBOOTSTRAP_REQUIRED: 129,
  STREAMS_INVALID_TOPOLOGY: 130,
  STREAMS_INVALID_TOPOLOGY_EPOCH: 131,
  STREAMS_TOPOLOGY_FENCED: 132,
  SHARE_SESSION_LIMIT_REACHED: 133
} as const

export type BrokerErrorName = keyof typeof brokerErrors

/** What the codes mean that the requests spoken here can meet, as the end of a sentence in a message. */
const meanings: { readonly [Name in BrokerErrorName]?: string } = {
  UNKNOWN_SERVER_ERROR: 'the broker failed unexpectedly; its log tells why',
  OFFSET_OUT_OF_RANGE: 'the log holds no such offset, it was deleted or never written',
  CORRUPT_MESSAGE: 'the batch fails its checksum or is malformed, or a compacted topic got a null key',
  UNKNOWN_TOPIC_OR_PARTITION: 'the broker does not host the partition, or may not show it',
  INVALID_FETCH_SIZE: 'the fetch size is out of range',
  LEADER_NOT_AVAILABLE: 'the partition has no leader at the moment',
  NOT_LEADER_OR_FOLLOWER: 'the broker no longer leads or replicates the partition',
  REQUEST_TIMED_OUT: 'the brokers did not finish the request in its time',
  BROKER_NOT_AVAILABLE: 'the broker is not reachable',
  REPLICA_NOT_AVAILABLE: 'the broker has no replica of the partition yet',
  MESSAGE_TOO_LARGE: 'the batch is larger than max.message.bytes of the topic',
  STALE_CONTROLLER_EPOCH: 'the controller has moved',
  OFFSET_METADATA_TOO_LARGE: 'the text beside the committed offset is too long',
  NETWORK_EXCEPTION: 'the connection ended before the answer',
  COORDINATOR_LOAD_IN_PROGRESS: 'the coordinator is still loading the group',
  COORDINATOR_NOT_AVAILABLE: 'the group has no coordinator at the moment',
  NOT_COORDINATOR: 'the broker no longer coordinates the group',
  INVALID_TOPIC: 'the topic name is not allowed, or the topic may not be written',
  RECORD_LIST_TOO_LARGE: 'the batch is larger than segment.bytes of the topic',
  NOT_ENOUGH_REPLICAS: 'fewer replicas are in sync than min.insync.replicas demands',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'written, but to fewer replicas than min.insync.replicas demands',
  INVALID_REQUIRED_ACKS: 'acks is not -1, 0 or 1',
  ILLEGAL_GENERATION: 'the group has moved on to another generation',
  INCONSISTENT_GROUP_PROTOCOL: 'the group and this member share no protocol',
  INVALID_GROUP_ID: 'the group id is not allowed',
  UNKNOWN_MEMBER_ID: 'the group does not know this member',
  INVALID_SESSION_TIMEOUT: 'the session timeout is outside what the broker allows',
  REBALANCE_IN_PROGRESS: 'the group is rebalancing',
  INVALID_COMMIT_OFFSET_SIZE: 'the commit is too large for the offsets topic',
  TOPIC_AUTHORIZATION_FAILED: 'the principal lacks an ACL on the topic',
  GROUP_AUTHORIZATION_FAILED: 'the principal lacks an ACL on the group',
  CLUSTER_AUTHORIZATION_FAILED: 'the principal lacks an ACL on the cluster',
  INVALID_TIMESTAMP: 'a record timestamp is outside what the topic allows',
  UNSUPPORTED_SASL_MECHANISM: 'the listener does not offer the SASL mechanism',
  ILLEGAL_SASL_STATE: 'the request does not belong to this step of authentication',
  UNSUPPORTED_VERSION: 'the broker does not support this version of the request',
  TOPIC_ALREADY_EXISTS: 'the topic exists already',
  INVALID_PARTITIONS: 'the partition count is not allowed',
  INVALID_REPLICATION_FACTOR: 'the replication factor is below 1 or above the number of brokers',
  INVALID_REPLICA_ASSIGNMENT: 'the replica assignment is not possible',
  INVALID_CONFIG: 'a topic or broker setting is not allowed',
  NOT_CONTROLLER: 'the broker is not the controller',
  INVALID_REQUEST: 'the broker cannot make sense of the request',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'the message format of the topic cannot do this',
  POLICY_VIOLATION: 'a policy of the cluster forbids it',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'a batch of this producer is missing before this one',
  DUPLICATE_SEQUENCE_NUMBER: 'the batch was written before',
  INVALID_PRODUCER_EPOCH: 'the producer id was taken over by a newer epoch',
  INVALID_TXN_STATE: 'the transaction is in no state for this',
  INVALID_PRODUCER_ID_MAPPING: 'the producer id does not belong to the transactional id',
  INVALID_TRANSACTION_TIMEOUT: 'the transaction timeout is above transaction.max.timeout.ms',
  CONCURRENT_TRANSACTIONS: 'the previous transaction is still being completed',
  TRANSACTION_COORDINATOR_FENCED: 'the transaction coordinator has moved',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'the principal lacks an ACL on the transactional id',
  SECURITY_DISABLED: 'the cluster has no authorizer',
  OPERATION_NOT_ATTEMPTED: 'left undone because another part of the request failed',
  KAFKA_STORAGE_ERROR: 'the broker has a disk error',
  SASL_AUTHENTICATION_FAILED: 'the broker refused the credentials',
  UNKNOWN_PRODUCER_ID: 'the broker has forgotten this producer',
  REASSIGNMENT_IN_PROGRESS: 'partitions are being reassigned',
  NON_EMPTY_GROUP: 'the group has members',
  GROUP_ID_NOT_FOUND: 'the group does not exist',
  FETCH_SESSION_ID_NOT_FOUND: 'the broker has dropped the fetch session',
  INVALID_FETCH_SESSION_EPOCH: 'the fetch session is at another epoch',
  LISTENER_NOT_FOUND: 'the leader has no listener of the name that metadata was asked on',
  TOPIC_DELETION_DISABLED: 'topics cannot be deleted',
  FENCED_LEADER_EPOCH: 'the partition has a newer leader epoch',
  UNKNOWN_LEADER_EPOCH: 'the broker has not heard of this leader epoch yet',
  UNSUPPORTED_COMPRESSION_TYPE: 'this version of the request cannot carry the compression type',
  STALE_BROKER_EPOCH: 'the broker has registered anew',
  OFFSET_NOT_AVAILABLE: 'a new leader does not know its high watermark yet',
  MEMBER_ID_REQUIRED: 'join again with the member id given',
  PREFERRED_LEADER_NOT_AVAILABLE: 'the preferred leader is away',
  GROUP_MAX_SIZE_REACHED: 'the group is full',
  FENCED_INSTANCE_ID: 'another member has taken over the group instance id',
  ELIGIBLE_LEADERS_NOT_AVAILABLE: 'no replica can become the leader',
  ELECTION_NOT_NEEDED: 'the partition needs no new leader',
  NO_REASSIGNMENT_IN_PROGRESS: 'the partition is not being reassigned',
  GROUP_SUBSCRIBED_TO_TOPIC: 'the group consumes the topic',
  INVALID_RECORD: 'the broker refuses a record of the batch',
  UNSTABLE_OFFSET_COMMIT: 'a transaction is about to change the committed offset',
  THROTTLING_QUOTA_EXCEEDED: 'the quota of such changes is used up for now',
  PRODUCER_FENCED: 'another producer uses the transactional id',
  RESOURCE_NOT_FOUND: 'the resource does not exist',
  DUPLICATE_RESOURCE: 'the request names a resource twice',
  UNACCEPTABLE_CREDENTIAL: 'the credential does not meet the rules',
  UNKNOWN_TOPIC_ID: 'the broker hosts no topic of this id',
  INCONSISTENT_TOPIC_ID: 'the topic was deleted and created again with another id',
  INCONSISTENT_CLUSTER_ID: 'the request is meant for another cluster',
  TRANSACTIONAL_ID_NOT_FOUND: 'the transactional id is unknown',
  FETCH_SESSION_TOPIC_ID_ERROR: 'the fetch session mixes topic names and ids',
  OFFSET_MOVED_TO_TIERED_STORAGE: 'the offset is in remote storage only',
  FENCED_MEMBER_EPOCH: 'the group has fenced this member',
  UNRELEASED_INSTANCE_ID: 'another member still holds the group instance id',
  UNSUPPORTED_ASSIGNOR: 'the group does not support the assignor',
  STALE_MEMBER_EPOCH: 'the member has a newer epoch',
  TRANSACTION_ABORTABLE: 'the transaction has to be aborted',
  REBOOTSTRAP_REQUIRED: 'the client has to start over from its bootstrap servers'
}

const codes = (...names: BrokerErrorName[]): ReadonlySet<number> => new Set(names.map((name) => brokerErrors[name]))

/** Codes after which the Java clients repeat the request by themselves (RetriableException, as of 4.3). */
export const retriableErrors = codes(
  'CORRUPT_MESSAGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REQUEST_TIMED_OUT',
  'REPLICA_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'NOT_CONTROLLER',
  'CONCURRENT_TRANSACTIONS',
  'KAFKA_STORAGE_ERROR',
  'FETCH_SESSION_ID_NOT_FOUND',
  'INVALID_FETCH_SESSION_EPOCH',
  'LISTENER_NOT_FOUND',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'PREFERRED_LEADER_NOT_AVAILABLE',
  'ELIGIBLE_LEADERS_NOT_AVAILABLE',
  'ELECTION_NOT_NEEDED',
  'UNSTABLE_OFFSET_COMMIT',
  'THROTTLING_QUOTA_EXCEEDED',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'FETCH_SESSION_TOPIC_ID_ERROR',
  'SHARE_SESSION_NOT_FOUND',
  'INVALID_SHARE_SESSION_EPOCH',
  'SHARE_SESSION_LIMIT_REACHED'
)

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

const meaningOf = new Map(Object.entries(meanings))

const descriptions = new Map<number, { readonly name: string; readonly meaning: string | undefined }>(
  Object.entries(brokerErrors).map(([name, code]) => [code, { name, meaning: meaningOf.get(name) }])
)

/** `UNKNOWN_TOPIC_OR_PARTITION (3)`, for messages. */
export function brokerErrorName(code: number): string {
  return `${descriptions.get(code)?.name ?? 'error'} (${code})`
}

/** A broker answered with an error code. */
export class BrokerError extends MirrorError {
  /** Kafka's number, to be compared with `brokerErrors`. */
  readonly brokerCode: number

  constructor(brokerCode: number, message: string) {
    super('MIRROR_BROKER', message, { retriable: retriableErrors.has(brokerCode) })
    this.brokerCode = brokerCode
  }
}

/**
 * The error for a code in a response; retriable as in the Java clients. `context` says what was asked of whom, as in
 * `B: Produce to A.orders-3`; `detail` is the text that some responses carry. Of what is not allowed it tells nothing but the
 * inside of the request, which is another at each try.
 */
export function brokerError(code: number, context: string, detail: string | null = null): BrokerError {
  const meaning = descriptions.get(code)?.meaning
  const explained = meaning === undefined ? '' : `, ${meaning}`
  const isTelling = detail !== null && detail !== '' && !authorizationFailed.has(code)
  const said = isTelling ? ` (broker: ${detail})` : ''
  return new BrokerError(code, `${context}: ${brokerErrorName(code)}${explained}${said}`)
}
