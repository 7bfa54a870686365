/**
 * The library for consumer applications and plug-ins. Importing it opens nothing and loads no server.
 */
export { type ErrorCode, errorCodes, MirrorError } from './base/errors.ts'
export { encodeRecords } from './connect/source-records.ts'
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './mirror-client/checkpoint.ts'
export { DefaultReplicationPolicy } from './mirror-client/default-replication-policy.ts'
export { type EncodedRecord, type OnNewerVersion } from './mirror-client/format.ts'
export { formatCheckpoint, formatHeartbeat, formatOffsetSync } from './mirror-client/formatters.ts'
export { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from './mirror-client/heartbeat.ts'
export { IdentityReplicationPolicy } from './mirror-client/identity-replication-policy.ts'
export { MirrorClient } from './mirror-client/mirror-client.ts'
export type {
  MirrorClientConfig,
  MirrorClientKafkaConfig,
  MirrorClientProperties
} from './mirror-client/mirror-client-config.ts'
export { decodeOffsetSync, encodeOffsetSync, type OffsetSync } from './mirror-client/offset-sync.ts'
export { OffsetsTimeoutError } from './mirror-client/offsets-timeout-error.ts'
export { type Position, RemoteClusterUtils } from './mirror-client/remote-cluster-utils.ts'
export type { MirrorClientOptions } from './mirror-client/open-mirrored-cluster.ts'
export type { RemoteOffsetMap, TranslatedOffset } from './mirror-client/remote-offset-map.ts'
export { type KafkaJsOffset, type RemoteOffset, RemoteOffsets } from './mirror-client/remote-offsets.ts'

// What plug-ins are written against: docs/plugins.md. Erased when compiled, so that nothing of the runtime is loaded.
export type {
  CustomReplicationPolicy,
  PluginProperties,
  ReplicationPolicy
} from './mirror-client/replication-policy.ts'
export type {
  CustomForwardingAdmin,
  ForwardingAdmin,
  NewTopic,
  OwnTopicConfigs,
  TargetAdmin,
  TopicAcl,
  TopicConfigChange,
  TopicRefusal
} from './mirror/mirror-plugins.ts'
export type { GroupFilter } from './mirror/filters/group-filter.ts'
export type { ConfigPropertyFilter, TopicFilter } from './mirror/filters/topic-filter.ts'
export type {
  ConfigProvider,
  Converter,
  HeaderConverter,
  PluginConfig,
  Predicate,
  RecordPart,
  Transformation
} from './connect/data/plugin-interfaces.ts'
export type { ConnectHeader, ConnectRecord, SchemaAndValue } from './connect/data/connect-record.ts'
export type { ConnectValue, Schema, SchemaField, SchemaType } from './connect/data/connect-data.ts'
export type { ConfigProblem, CustomConnector, PluginServices } from './connect/source-connector-plugin.ts'
export type { ConnectorConfig } from './connect/connector-config.ts'
export type { ConnectorContext, SourceConnector, TaskConfig } from './connect/source-connector.ts'
export type { AckedRun, RefusedRecords, SourceTask, SourceTaskContext } from './connect/source-task.ts'
export type { SourceBatch, SourcePartition } from './connect/source-batch.ts'
export type { SourceRecord } from './connect/source-records.ts'
export type { Logger } from './base/logger.ts'
export type {
  RestExtension,
  RestExtensionAnswer,
  RestExtensionApp,
  RestExtensionRequest,
  RestExtensionRoute
} from './connect/rest-extension.ts'
