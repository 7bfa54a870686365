import { type Clock } from '../base/clock.ts'
import { type Logger } from '../base/logger.ts'
import { type ConnectorConfig } from '../connect/connector-config.ts'
import { type Herder } from '../connect/herder/herder.ts'
import { type JsonValue } from '../connect/storage/jackson-json.ts'
import { type PeerClient } from './peer-client.ts'

/** Makes the bodies of validation, in the reference's shape and member order (spec 6.2), passwords masked. */
export interface ConfigValidation {
  /** Body of `PUT …/config/validate`. Rejects with RequestError, `badRequest` for a class that cannot be loaded. */
  validate(config: ConnectorConfig): Promise<JsonValue>
  /**
   * Key definitions of a plug-in, whose class may be given in short. `version` is a requirement on its version.
   * Rejects with RequestError: `notFound` for an unknown plug-in, `badRequest` for one without keys or another version.
   */
  definitions(plugin: string, version: string | undefined): Promise<readonly JsonValue[]>
}

/** One route of this process, as the API shows it. */
export interface RestRoute {
  readonly source: string
  readonly target: string
  readonly herder: Herder
  readonly validation: ConfigValidation
  /** Whether the configuration file writes this connector again whenever leadership is gained (spec 0.2). */
  isFileManaged(connector: string): boolean
  /** What stands still in this process until an operator acts, for people to read: `A.orders-3 (target)`. */
  stoppedPartitions(): readonly string[]
}

export interface LoggerLevel {
  /** In Java's words: `DEBUG`. */
  readonly level: string
  /** Milliseconds since the epoch; null when it was never changed. */
  readonly lastModified: number | null
}

/** Levels of this process's loggers; the one without a name is `root`. */
export interface LoggerLevels {
  /** By name, sorted. */
  all(): ReadonlyMap<string, LoggerLevel>
  /**
   * Sets a logger and those below it.
   *
   * @param level one of OFF FATAL ERROR WARN INFO DEBUG TRACE ALL
   * @returns names of those that changed, sorted
   */
  set(logger: string, level: string): readonly string[]
}

/** What `/metrics` answers. */
export interface MetricsPage {
  readonly contentType: string
  scrape(): string | AsyncIterable<string>
}

/** What the API needs of the process. */
export interface RestServices {
  readonly loggerLevels: LoggerLevels
  readonly metrics: MetricsPage
  readonly peers: PeerClient
  /** Whether the value of a connector's key is masked: passwords, JAAS. */
  readonly isSecret: (key: string) => boolean
  /** Version of the reference that this program stands for, as `GET /` tells it. */
  readonly version: string
  readonly commit: string
  readonly clock: Clock
  readonly logger: Logger
}
