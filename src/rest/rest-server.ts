import { type RestRoute, type RestServices } from './rest-services.ts'
import { type RestSettings } from './rest-settings.ts'

/**
 * The HTTP side of the process: the public API, and the internal endpoints that workers of a group use among themselves,
 * on listeners apart.
 */
export interface RestServer {
  /** Opens all listeners; routes can still be added. Rejects with MIRROR_NETWORK when an address cannot be bound. */
  listen(): Promise<void>
  /** What the group is told: base URL of the internal listener. Undefined while internal REST is off or not listening. */
  readonly advertisedUrl: string | undefined
  /** Base URLs of the public listeners, bound ports in them. */
  readonly publicUrls: readonly string[]
  /** From now on requests for this route are answered; before they are unknown paths. */
  addRoute(route: RestRoute): void
  /** Takes no new requests; running ones may finish for up to a minute. */
  close(): Promise<void>
}

export interface RestServerOptions {
  readonly settings: RestSettings
  readonly services: RestServices
  /** Host to advertise when no key and no listener names one. */
  readonly machineAddress: string
}

export function createRestServer(options: RestServerOptions): RestServer {
  throw new Error(`not built yet: ${options.machineAddress}`)
}
