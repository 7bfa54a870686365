import { asError } from '../base/errors.ts'
import { type Logger } from '../base/logger.ts'
import { MirrorRoute, type RouteServices, type RouteStatus } from './mirror-route.ts'
import { type RouteConfig } from './route-config.ts'

/** All routes of a process. */
export class MirrorMaker {
  readonly #logger: Logger
  readonly #routes: readonly MirrorRoute[]
  #stopped: Promise<void> | undefined

  constructor(routes: readonly RouteConfig[], services: RouteServices) {
    this.#logger = services.logger
    this.#routes = routes.filter((route) => route.enabled).map((route) => new MirrorRoute(route, services))
  }

  /**
   * Resolves when every route mirrors; clusters that are away are waited for.
   * @throws MirrorError when a route must not or cannot start; the others are stopped then
   */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#routes.map((route) => route.start()))
    } catch (thrown) {
      if (this.#stopped !== undefined) return
      await this.stop()
      throw asError(thrown)
    }
  }

  /** State of each route by its name, `A->B`. */
  status(): ReadonlyMap<string, RouteStatus> {
    return new Map(this.#routes.map((route) => [route.name, route.status()]))
  }

  /** Stops polling, drains, stores positions. Later calls wait for the first; it never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll()
    return this.#stopped
  }

  async #stopAll(): Promise<void> {
    await Promise.all(
      this.#routes.map(async (route) => {
        try {
          await route.stop()
        } catch (thrown) {
          this.#logger.warn({ route: route.name, err: asError(thrown) }, 'The route did not stop cleanly')
        }
      })
    )
  }
}
