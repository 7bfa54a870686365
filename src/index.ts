/**
 * The library for consumer applications and plug-ins. Importing it opens nothing and loads no server.
 */
export { type ErrorCode, errorCodes, MirrorError } from './base/errors.ts'
export { DefaultReplicationPolicy } from './mirror-client/default-replication-policy.ts'
export { IdentityReplicationPolicy } from './mirror-client/identity-replication-policy.ts'

// What plug-ins are written against: docs/plugins.md. Erased when compiled, so that nothing of the runtime is loaded.
export type {
  CustomReplicationPolicy,
  PluginProperties,
  ReplicationPolicy
} from './mirror-client/replication-policy.ts'
export type { CustomForwardingAdmin, ForwardingAdmin, NewTopic } from './mirror/mirror-plugins.ts'
export type { GroupFilter } from './mirror/filters/group-filter.ts'
export type { ConfigPropertyFilter, TopicFilter } from './mirror/filters/topic-filter.ts'
export type {
  Converter,
  HeaderConverter,
  PluginConfig,
  Predicate,
  RecordPart,
  Transformation
} from './connect/data/plugin-interfaces.ts'
export type { ConnectHeader, ConnectRecord, SchemaAndValue } from './connect/data/connect-record.ts'
export type { ConnectValue, Schema, SchemaField, SchemaType } from './connect/data/connect-data.ts'
