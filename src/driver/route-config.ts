import { type ClientSettings, type ConsumerSettings, type ProducerSettings } from '../config/client-settings.ts'
import { type ConfigWarning } from '../config/config-error.ts'
import { type Properties } from '../config/traced-properties.ts'
import { type WorkerSettings } from '../connect/worker-options.ts'
import {
  type CheckpointConnectorSettings,
  type HeartbeatConnectorSettings,
  type SourceConnectorSettings
} from '../mirror/mirror-options.ts'
import { type ConnectorSettings } from '../connect/connector-options.ts'

/** Everything that one `source->target` pair needs to run, typed and complete. */
export interface RouteConfig {
  readonly source: string
  readonly target: string
  /** Whether records are mirrored. A pair without it is a route all the same while `emitHeartbeats` holds. */
  readonly enabled: boolean
  readonly emitHeartbeats: boolean
  readonly worker: WorkerSettings
  /** The worker's properties with placeholders resolved. */
  readonly workerProperties: Properties
  /** Settings that a connector's config has from the Connect framework: `tasks.max` and the like. */
  readonly connector: ConnectorSettings
  readonly mirrorSource: SourceConnectorSettings
  readonly mirrorCheckpoint: CheckpointConnectorSettings
  readonly mirrorHeartbeat: HeartbeatConnectorSettings
  /** Connector configs as they are stored: unresolved, by connector name, in the order they are created. */
  readonly connectorProperties: ReadonlyMap<ConnectorName, Properties>
  /** The source connector's config with placeholders resolved: what it and its tasks are started with. */
  readonly mirrorSourceProperties: Properties
  readonly clients: RouteClients
  /** Settings of the offsets topic when it is created (`offset.storage.<topic setting>`). */
  readonly offsetsTopicSettings: ReadonlyMap<string, string>
}

/** The connectors are stored, and name their client ids, under their simple class names. */
export const sourceConnectorName = 'MirrorSourceConnector'

export type ConnectorName = 'MirrorSourceConnector' | 'MirrorHeartbeatConnector' | 'MirrorCheckpointConnector'

/** Client settings of a route; client ids are the reference's, since quotas depend on them. */
export interface RouteClients {
  /** Reads the records of a source task: `A->B|MirrorSourceConnector-<task>|replication-consumer`. */
  sourceConsumer(task: number): ConsumerSettings
  /** Looks after topics at the source: `A->B|MirrorSourceConnector|replication-source-admin`. */
  readonly sourceAdmin: ClientSettings
  /** Looks after remote topics: `A->B|MirrorSourceConnector|replication-target-admin`. */
  readonly targetAdmin: ClientSettings
  /** Writes the records of a source task: `connector-producer-MirrorSourceConnector-<task>`. */
  dataProducer(task: number): ProducerSettings
  /** Reads and writes the offsets topic: `A-mm2-A->B-offsets`. */
  readonly offsetStoreConsumer: ConsumerSettings
  readonly offsetStoreProducer: ProducerSettings
  /** Creates the worker's internal topics and looks at the group: `A-mm2-A->B-shared-admin`. */
  readonly sharedAdmin: ClientSettings
}

export interface MirrorMakerConfig {
  /** Aliases in the order of the file. */
  readonly clusters: readonly string[]
  readonly routes: readonly RouteConfig[]
  readonly warnings: readonly ConfigWarning[]
}

/** Reads what the configuration refers to; injected so that tests need no files. */
export interface ConfigInput {
  readonly path: string
  /** `--clusters`: only routes whose target is listed; empty: all. */
  readonly clusters: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}
