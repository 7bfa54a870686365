import { type ConnectorStatus, type HerderHealth } from './herder/herder.ts'

/**
 * What an ES module named in `rest.api.extensions` has to export: a class that is made without arguments. What `register`
 * throws keeps the process from starting.
 */
export interface RestExtension {
  register(app: RestExtensionApp): void
}

/** Where an extension adds to the public listeners; the internal ones stay as they are. */
export interface RestExtensionApp {
  /**
   * Answers `GET path`. The path is literal, such as `/live` or `/team/lag`, and none of the API's own.
   * @throws MirrorError MIRROR_PLUGIN for a path that is no such
   */
  get(
    path: string,
    handler: (request: RestExtensionRequest) => RestExtensionAnswer | Promise<RestExtensionAnswer>
  ): void
  /** Routes of this process; none until it has started them. */
  routes(): readonly RestExtensionRoute[]
}

export interface RestExtensionRequest {
  readonly query: URLSearchParams
  /** Undefined when it was not sent. */
  header(name: string): string | undefined
}

/** JSON where `json` is given, else plain text. */
export interface RestExtensionAnswer {
  /** Default 200. */
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
}

/** A route, to be read alone. */
export interface RestExtensionRoute {
  readonly source: string
  readonly target: string
  health(): Promise<HerderHealth>
  connectors(): Promise<readonly string[]>
  /** Rejects for a connector that is unknown. */
  connectorStatus(name: string): Promise<ConnectorStatus>
}
