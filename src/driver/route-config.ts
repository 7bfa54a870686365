import { type ClientSettings, type ProducerSettings } from '../config/client-settings.ts'
import { type ConfigProviders } from '../config/config-providers.ts'
import { type ConfigWarning } from '../config/config-error.ts'
import { type Properties } from '../config/traced-properties.ts'
import { type RestExtension } from '../connect/rest-extension.ts'
import { type WorkerSettings } from '../connect/worker-options.ts'
import { type RestSettings } from '../rest/rest-settings.ts'

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
  /** Connector configs as they are stored: unresolved, by connector name, in the reference's order of creation. */
  readonly connectorProperties: ReadonlyMap<ConnectorName, Properties>
  /** Of the worker: they resolve the placeholders of stored configs. */
  readonly configProviders: ConfigProviders
  readonly clients: WorkerClients
  /** Settings of the internal topics when they are created (`offset.storage.<topic setting>` and the like). */
  readonly storageTopicSettings: Readonly<Record<StorageName, ReadonlyMap<string, string>>>
}

/** The connectors are stored, and name their client ids, under their simple class names. Created in this order, as by the reference. */
export const connectorNames = [
  'MirrorSourceConnector',
  'MirrorHeartbeatConnector',
  'MirrorCheckpointConnector'
] as const

export type ConnectorName = (typeof connectorNames)[number]

/** The internal topics, by the first part of their keys. */
export const storageNames = ['config', 'offset', 'status'] as const

export type StorageName = (typeof storageNames)[number]

/** Client settings of a route's worker; client ids are the reference's, since quotas depend on them. */
export interface WorkerClients {
  /** Speaks for the worker in the Connect group: `A->B`. */
  readonly member: ClientSettings
  /** Creates topics by the rules of a connector: `A-mm2-A->B-shared-admin`. */
  readonly admin: ClientSettings
  /** Read and write the internal topics: `A-mm2-A->B-configs`, `-offsets`, `-statuses`. */
  readonly stores: Readonly<Record<StorageName, ProducerSettings>>
}

export interface MirrorMakerConfig {
  /** Aliases in the order of the file. */
  readonly clusters: readonly string[]
  readonly routes: readonly RouteConfig[]
  readonly rest: RestSettings
  readonly hasPartitionSeries: boolean
  /** Of `rest.api.extensions`. */
  readonly restExtensions: readonly RestExtension[]
  readonly warnings: readonly ConfigWarning[]
}

/** Reads what the configuration refers to; injected so that tests need no files. */
export interface ConfigInput {
  readonly path: string
  /** `--clusters`: only routes whose target is listed; empty: all. */
  readonly clusters: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}
