// `import { type }` would still load the module.
import type { FastifyInstance } from 'fastify'
import { asError, MirrorError } from '../base/errors.ts'
import { type RestExtension } from '../connect/rest-extension.ts'
import { type Resource } from './endpoint.ts'
import { extensionResource } from './extension-resource.ts'
import { listenerUrl, type Listener } from './listener.ts'
import { publicResources } from './public-resources.ts'
import { internalResource } from './resources/internal.ts'
import type { Served } from './rest-app.ts'
import { type RestRoute, type RestServices } from './rest-services.ts'
import { type RestSettings } from './rest-settings.ts'
import { RouteTable } from './route-table.ts'

/**
 * The HTTP side of the process: the public API, and the internal endpoints that workers of a group use among themselves,
 * on listeners apart.
 */
export interface RestServer {
  /**
   * Opens all listeners; routes can still be added. Rejects with MIRROR_NETWORK when an address cannot be bound, with
   * MIRROR_PLUGIN when an extension cannot register.
   */
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
  /** Add to the public API. Default: none. */
  readonly extensions?: readonly RestExtension[]
  /** Host to advertise when no key and no listener names one. */
  readonly machineAddress: string
}

export function createRestServer(options: RestServerOptions): RestServer {
  return new FastifyRestServer(options)
}

/** As long as the reference lets running requests finish. */
const closeGraceMs = 60_000

interface BoundListener {
  readonly listener: Listener
  readonly app: FastifyInstance
}

class FastifyRestServer implements RestServer {
  readonly #options: RestServerOptions
  readonly #routes = new RouteTable()
  #publicListeners: readonly BoundListener[] = []
  #internalListeners: readonly BoundListener[] = []
  #isClosed = false

  constructor(options: RestServerOptions) {
    this.#options = options
  }

  async #createApps(): Promise<void> {
    const { settings, services, extensions = [] } = this.#options
    const shown = publicResources(services, () => this.#routes.all())
    const added = extensionResource(extensions, shown, () => this.#routes.all())
    const everything = [...shown, added].map((resource): Served => ({ resource, access: 'public' }))
    const amongWorkers = [
      { resource: internalResource(), access: 'workers' } as const,
      ...shown.filter(isForwarded).map((resource): Served => ({ resource, access: 'forwarded' }))
    ]
    this.#publicListeners = await this.#bound(settings.publicListeners, everything)
    this.#internalListeners = await this.#bound(settings.internalListeners, amongWorkers)
  }

  /** An application for each listener: a server of the framework has one address. */
  async #bound(listeners: readonly Listener[], resources: readonly Served[]): Promise<readonly BoundListener[]> {
    if (listeners.length === 0) return []
    // The framework takes a good part of a start to load: not for who does not listen.
    const { createRestApp } = await import('./rest-app.ts')
    const { settings, services } = this.#options
    const { cors, headerRules } = settings
    return listeners.map((listener) => ({
      listener,
      app: createRestApp({ resources, routes: this.#routes, services, cors, headerRules })
    }))
  }

  async listen(): Promise<void> {
    await this.#createApps()
    if (this.#isClosed) return
    for (const { listener, app } of [...this.#publicListeners, ...this.#internalListeners]) {
      const { host, port } = listener
      try {
        // An empty host is every interface; left out, it would be localhost alone.
        await app.listen({ host, port })
      } catch (thrown) {
        const cause = asError(thrown)
        const message = `REST cannot listen on ${listenerUrl(host, port)} (${cause.message}): is the port taken?`
        throw new MirrorError('MIRROR_NETWORK', message, { cause })
      }
    }
    const { logger } = this.#options.services
    const urls = this.publicUrls
    if (urls.length > 0) logger.info({ urls }, `REST API at ${urls.join(', ')}`)
    if (this.#internalListeners.length > 0) logger.info({ url: this.advertisedUrl }, 'Internal REST listens')
  }

  get advertisedUrl(): string | undefined {
    const [first] = this.#internalListeners
    const port = first === undefined ? undefined : boundPort(first)
    if (first === undefined || port === undefined) return undefined
    const { settings, machineAddress } = this.#options
    const host = settings.advertisedHost ?? hostOthersCanUse(first.listener.host, machineAddress)
    return listenerUrl(host, settings.advertisedPort ?? port)
  }

  get publicUrls(): readonly string[] {
    return this.#publicListeners.map((bound) => listenerUrl(bound.listener.host, boundPort(bound) ?? 0))
  }

  addRoute(route: RestRoute): void {
    this.#routes.add(route)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const apps = [...this.#publicListeners, ...this.#internalListeners].map(({ app }) => app)
    const cancel = this.#options.services.clock.schedule(closeGraceMs, () => {
      for (const app of apps) app.server.closeAllConnections()
    })
    await Promise.all(
      apps.map(async (app) => {
        await app.close()
      })
    )
    cancel()
  }
}

function isForwarded({ endpoints }: Resource): boolean {
  return endpoints.some((endpoint) => endpoint.isForwarded === true)
}

/** Addresses of "every interface" lead nowhere from another machine. */
function hostOthersCanUse(host: string, machineAddress: string): string {
  return ['', '0.0.0.0', '::'].includes(host) ? machineAddress : host
}

function boundPort({ app }: BoundListener): number | undefined {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : undefined
}
