/**
 * The library for consumer applications and plug-ins. Importing it opens nothing and loads no server.
 */
export { type ErrorCode, errorCodes, MirrorError } from './base/errors.ts'
export { DefaultReplicationPolicy } from './mirror-client/default-replication-policy.ts'
export { IdentityReplicationPolicy } from './mirror-client/identity-replication-policy.ts'
export { type ReplicationPolicy } from './mirror-client/replication-policy.ts'
