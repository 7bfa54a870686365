import { type Logger } from '../base/logger.ts'
import { type ConnectorConfig } from './connector-config.ts'
import { type SourceConnector, type TaskConfig } from './source-connector.ts'
import { type SourceTask } from './source-task.ts'

export type PluginType = 'source' | 'converter' | 'header_converter' | 'transformation' | 'predicate'

/** What every plug-in says of itself. */
export interface PluginDescription {
  /** The reference's class name where there is one, since it is stored in config topics; else `module#export`. */
  readonly className: string
  readonly type: PluginType
  readonly version: string
}

/** A connector class and what the runtime must know before it makes one. */
export interface SourceConnectorPlugin extends PluginDescription {
  readonly type: 'source'
  /** Stored as `task.class`. */
  readonly taskClassName: string
  /**
   * Makes a connector of a config whose placeholders are resolved. What has to be waited for, such as a class that must be
   * loaded, belongs into `start`, here as for tasks. Throws ConfigError for a config it cannot use.
   */
  createConnector(config: ConnectorConfig, services: PluginServices): SourceConnector
  /** Makes a task of a resolved task config, which holds the connector's keys too. Throws ConfigError. */
  createTask(config: TaskConfig, services: PluginServices): SourceTask
  /** Problems of a config by key, beyond what the framework itself checks; empty when it can be used. */
  validate(config: ConnectorConfig): readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>
  /**
   * Whether an operator may set this stored offset (spec 6.4); the reason when not. `offset` null forgets the partition.
   */
  checkOffset(
    partition: Readonly<Record<string, unknown>>,
    offset: Readonly<Record<string, unknown>> | null
  ): string | undefined | Promise<string | undefined>
}

/**
 * What an ES module named as `connector.class` has to export: a class that is made without arguments whenever something is
 * asked of it. What it may leave out accepts everything.
 */
export interface CustomConnector {
  /** Makes a connector of a config whose placeholders are resolved; called at each start. */
  createConnector(config: ConnectorConfig, services: PluginServices): SourceConnector | Promise<SourceConnector>
  /** Makes a task of a config as `taskConfigs` gave it, placeholders resolved. */
  createTask(config: TaskConfig, services: PluginServices): SourceTask | Promise<SourceTask>
  /** Problems of a config before it is stored; empty when it can be used. */
  validate?: SourceConnectorPlugin['validate']
  /** Why an operator may not set this stored offset; undefined when he may. `offset` null forgets the partition. */
  checkOffset?: SourceConnectorPlugin['checkOffset']
}

export interface ConfigProblem {
  readonly key: string
  readonly message: string
}

/** What the runtime hands to plug-ins. Whoever registers a plug-in binds what else it needs. */
export interface PluginServices {
  readonly connector: string
  /** Null for the connector itself. */
  readonly task: number | null
  readonly logger: Logger
}
